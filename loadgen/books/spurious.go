package books

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// Delays has, by flow, how long after its ACK each spurious copy came. The zero value is
// empty; a flow without any takes no memory.
type Delays [plan.Flows]*hdrhistogram.Histogram

// Record counts one copy.
func (d *Delays) Record(f plan.Flow, after time.Duration) {
	if d[f] == nil {
		d[f] = reports.NewCoarseHistogram()
	}
	reports.Record(d[f], after)
}

// Spurious counts a spurious copy, which came over UDP or over a stream.
func (w *Worker) Spurious(f plan.Flow, datagram bool, after time.Duration) {
	account := &w.Messages[f]
	account.Spurious.Add(1)
	if datagram {
		account.SpuriousUDP.Add(1)
	}
	w.Delays.Record(f, after)
}

// SpreadDelays enters in ledgers how long after their ACKs the spurious copies came. The
// workers have ended by then. The error is one of encoding.
func (all Workers) SpreadDelays(ledgers []reports.Ledger) error {
	for i := range ledgers {
		f, _ := plan.ParseFlow(string(ledgers[i].Kind))
		total := reports.NewCoarseHistogram()
		for _, w := range all {
			if w.Delays[f] != nil {
				total.Merge(w.Delays[f])
			}
		}
		var err error
		if ledgers[i].SpuriousDelay, err = reports.NewSpread(total); err != nil {
			return fmt.Errorf("delays of spurious copies: %w", err)
		}
	}
	return nil
}
