package qos_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"imcheck/protocol/qos"
	"imcheck/protocol/wire"
)

// Random histories against models that keep their whole input and compute every
// answer out anew.

const (
	histories = 200
	actions   = 300
)

// naiveSender knows when each message was sent and when sweeps were made.
type naiveSender struct {
	policy qos.Policy
	sent   []naiveMessage // in order; without those that are over
	sweeps []time.Duration
}

type naiveMessage struct {
	fp string
	at time.Duration
}

// sweep sorts the messages by how many sweeps found them old enough. It does
// nothing unless a period began since the sweep before.
func (n *naiveSender) sweep(now time.Duration) (again, lost []string) {
	if now/n.policy.Sweep == n.lastSweep()/n.policy.Sweep {
		return nil, nil
	}
	n.sweeps = append(n.sweeps, now)
	for _, m := range n.sent {
		turns := 0
		for _, sweep := range n.sweeps {
			if sweep-m.at > n.policy.MinAge {
				turns++
			}
		}
		switch {
		case turns > n.policy.Retries:
			lost = append(lost, m.fp)
		case turns > 0:
			again = append(again, m.fp)
		}
	}
	for _, fp := range lost {
		n.remove(fp)
	}
	return again, lost
}

func (n *naiveSender) lastSweep() time.Duration {
	if len(n.sweeps) == 0 {
		return 0
	}
	return n.sweeps[len(n.sweeps)-1]
}

func (n *naiveSender) index(fp string) int {
	return slices.IndexFunc(n.sent, func(m naiveMessage) bool { return m.fp == fp })
}

func (n *naiveSender) remove(fp string) (found bool) {
	i := n.index(fp)
	if i >= 0 {
		n.sent = slices.Delete(n.sent, i, i+1)
	}
	return i >= 0
}

func TestSenderAgainstModel(t *testing.T) {
	for seed := range uint64(histories) {
		random := rand.New(rand.NewPCG(seed, 1))
		policy := qos.ServerPolicy
		if seed%2 == 1 {
			policy = qos.ClientPolicy
		}
		if err := compareSender(random, policy); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

// compareSender runs one history; the error says where the two part.
func compareSender(random *rand.Rand, policy qos.Policy) error {
	s, model := qos.NewSender(policy, start), naiveSender{policy: policy}
	now := time.Duration(0)
	for action := range actions {
		now += time.Duration(random.IntN(3000)) * time.Millisecond
		fp := fmt.Sprint("f-", random.IntN(12))
		switch kind := random.IntN(10); {
		case kind < 5:
			s.Sent(start.Add(now), message(fp))
			if model.index(fp) < 0 {
				model.sent = append(model.sent, naiveMessage{fp, now})
			}
		case kind < 7:
			m, ok := s.Acknowledged(fp)
			if want := model.remove(fp); ok != want || ok && m != message(fp) {
				return fmt.Errorf("action %d: ACK of %s gives %s, %v; want %v", action, fp, m, ok, want)
			}
		default: // often late, sometimes too early
			if err := compareSweep(s, &model, now); err != nil {
				return fmt.Errorf("action %d: %w", action, err)
			}
		}
		if s.Waiting() != len(model.sent) {
			return fmt.Errorf("action %d: %d messages wait, want %d", action, s.Waiting(), len(model.sent))
		}
	}
	left := s.Abandon()
	if !slices.EqualFunc(left, model.sent, func(m wire.Message, n naiveMessage) bool { return m.Fingerprint.Is(n.fp) }) {
		return fmt.Errorf("abandoned %v, want %v", fingerprints(left), model.sent)
	}
	return nil
}

// compareSweep lets both sweep at now, whether a sweep is due or not.
func compareSweep(s *qos.Sender, model *naiveSender, now time.Duration) error {
	again, lost := sweepAt(s, start.Add(now))
	wantAgain, wantLost := model.sweep(now)
	if !slices.Equal(again, wantAgain) || !slices.Equal(lost, wantLost) {
		return fmt.Errorf("sweep after %v: copies %v, lost %v; want %v and %v", now, again, lost, wantAgain, wantLost)
	}
	if got, want := s.Next().Sub(start), (now/model.policy.Sweep+1)*model.policy.Sweep; got != want {
		return fmt.Errorf("sweep after %v: next after %v, want %v", now, got, want)
	}
	return nil
}

func TestReceiverAgainstModel(t *testing.T) {
	for seed := range uint64(histories) {
		random := rand.New(rand.NewPCG(seed, 2))
		if err := compareReceiver(random); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

// compareReceiver runs one history; the model is every fingerprint's last copy
// and the last sweep that was made.
func compareReceiver(random *rand.Rand) error {
	r := newReceiver()
	last := map[string]time.Duration{}
	now, swept := time.Duration(0), time.Duration(0)
	for action := range actions {
		now += time.Duration(random.IntN(120)) * time.Second
		fp := fmt.Sprint("f-", random.IntN(20))
		switch kind := random.IntN(100); {
		case kind == 0:
			r.Clear()
			clear(last)
		case kind < 60:
			copied, seen := last[fp]
			// Only the last sweep matters: it saw the greatest age. Before the copy the age is negative.
			want := seen && swept-copied < qos.DedupMemory
			if got := r.Seen(start.Add(now), fp); got != want {
				return fmt.Errorf("action %d: %s is known after %v: %v, want %v", action, fp, now, got, want)
			}
			last[fp] = now
		default:
			r.Sweep(start.Add(now))
			if now/qos.DedupSweep > swept/qos.DedupSweep {
				swept = now
			}
		}
	}
	return nil
}
