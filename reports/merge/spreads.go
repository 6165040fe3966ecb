package merge

import (
	"fmt"

	"imcheck/reports"
)

// spreadSums adds up, by kind of message, how long after their ACKs spurious copies came.
type spreadSums map[reports.MessageKind]*reports.Interval

// add adds the ledgers of a shard.
func (s spreadSums) add(messages []reports.Ledger) error {
	for _, m := range messages {
		if s[m.Kind] == nil {
			s[m.Kind] = &reports.Interval{}
		}
		if m.Spurious > 0 && m.SpuriousDelay.Histogram == "" {
			return fmt.Errorf("no histogram was kept for the spurious copies of %s messages, and percentiles cannot be added", m.Kind)
		}
		if err := addEncoded(s[m.Kind], m.SpuriousDelay.Histogram); err != nil {
			return fmt.Errorf("spurious copies of %s messages: %w", m.Kind, err)
		}
	}
	return nil
}

// enter enters the sums in the ledgers of the whole run.
func (s spreadSums) enter(messages []reports.Ledger) error {
	for i := range messages {
		sum := s[messages[i].Kind]
		if sum == nil || sum.Histogram == nil {
			continue
		}
		var err error
		if messages[i].SpuriousDelay, err = reports.NewSpread(sum.Histogram); err != nil {
			return fmt.Errorf("encode the delays of spurious copies: %w", err)
		}
	}
	return nil
}
