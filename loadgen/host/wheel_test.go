package host

import (
	"math/rand/v2"
	"testing"
	"time"
)

// wheelModel is a wheel, and what it has to have.
type wheelModel struct {
	*testing.T
	wheel Wheel
	due   map[int32]time.Duration
	now   time.Duration
}

const modelClients = 40

func newWheelModel(t *testing.T) *wheelModel {
	return &wheelModel{T: t, wheel: NewWheel(modelClients), due: map[int32]time.Duration{}}
}

// play does one step for each three bytes: a client gets a time, or has none any more, or
// time passes.
func (m *wheelModel) play(steps []byte) {
	m.Helper()
	for steps = steps[:min(len(steps), 3*4096)]; len(steps) >= 3; steps = steps[3:] {
		slot := int32(steps[0] % modelClients)
		distance := time.Duration(steps[1]) << (steps[2] % 42) // up to six days
		switch steps[0] / modelClients {
		case 0, 1:
			m.set(slot, m.now+distance, true)
		case 2:
			m.set(slot, max(0, m.now-distance), true)
		case 3:
			m.set(slot, 0, false)
		default:
			m.now += distance
			m.pop(int(steps[0] % 4))
		}
		m.check(time.Duration(steps[1]) * 4 * time.Microsecond)
	}
	m.now += 1 << 58
	m.pop(0)
	if len(m.due) > 0 {
		m.Fatalf("%d were not taken out at the end", len(m.due))
	}
}

func (m *wheelModel) set(slot int32, due time.Duration, ok bool) {
	m.wheel.Set(slot, due, ok)
	if m.due[slot] = due; !ok {
		delete(m.due, slot)
	}
}

// pop takes out what is due, up to a number unless that is 0.
func (m *wheelModel) pop(most int) {
	m.Helper()
	for n := 0; most == 0 || n < most; n++ {
		slot, due, ok := m.wheel.Pop(m.now)
		if !ok {
			for slot, due := range m.due {
				if due <= m.now {
					m.Fatalf("at %d client %d, due at %d, was not taken out", m.now, slot, due)
				}
			}
			return
		}
		if want, queued := m.due[slot]; !queued || due != want || due > m.now {
			m.Fatalf("at %d client %d was taken out as due at %d, want %d, %t", m.now, slot, due, want, queued)
		}
		delete(m.due, slot)
	}
}

// check compares what is due first, and whether more follows within a time.
func (m *wheelModel) check(within time.Duration) {
	m.Helper()
	first := neverDue
	for _, due := range m.due {
		first = min(first, due)
	}
	soonest, ok := m.wheel.Soonest()
	switch {
	case ok != (len(m.due) > 0):
		m.Fatalf("with %d clients something is due: %t", len(m.due), ok)
	case !ok:
		return
	case first <= m.now && soonest <= m.now: // any of them may be the next
	case soonest != first:
		m.Fatalf("at %d the soonest is due at %d, want %d", m.now, soonest, first)
	}
	if soonest <= m.now || !m.wheel.Crowded(soonest, soonest+within) {
		return
	}
	for _, due := range m.due {
		if due > soonest && due < soonest+within+1<<tickBits {
			return
		}
	}
	m.Fatalf("nothing is due within %v after %d, yet it is crowded", within, soonest)
}

// The wheel has what a list of all due times has, whatever is set, moved, taken out and
// awaited.
func TestWheel(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		steps := make([]byte, 3*2000)
		for i := range steps {
			steps[i] = byte(random.Uint32())
			if i%3 == 2 && random.IntN(2) == 0 {
				steps[i] = byte(10 + random.IntN(20)) // the distances of a run are more frequent
			}
		}
		newWheelModel(t).play(steps)
	}
}

func FuzzWheel(f *testing.F) {
	f.Add([]byte{0, 3, 30, 240, 3, 29, 240, 3, 30})
	f.Add([]byte{5, 120, 30, 6, 120, 30, 240, 255, 28, 7, 1, 16, 242, 200, 29})
	f.Add([]byte{1, 255, 47, 2, 255, 40, 240, 255, 39, 90, 255, 47, 241, 255, 47})
	f.Fuzz(func(t *testing.T, steps []byte) { newWheelModel(t).play(steps) })
}

// What is due in an earlier tick comes first, and nothing before its time.
func TestWheelKeepsTheOrderOfTicks(t *testing.T) {
	const tick = time.Duration(1) << tickBits
	w := NewWheel(modelClients)
	random := rand.New(rand.NewPCG(3, 4))
	for i := range int32(modelClients) {
		w.Set(i, time.Duration(random.Int64N(int64(300*time.Second))), true)
	}
	for n := range modelClients / 2 {
		soonest, _ := w.Soonest()
		if _, _, early := w.Pop(soonest - 1); early {
			t.Fatalf("number %d was taken out before it was due", n)
		}
		if _, due, ok := w.Pop(soonest); !ok || due != soonest {
			t.Fatalf("number %d is due at %v, %t, want %v", n, due, ok, soonest)
		}
	}
	var last time.Duration
	for n := range modelClients / 2 {
		_, due, ok := w.Pop(300 * time.Second)
		if !ok || due < last/tick*tick {
			t.Fatalf("number %d of the rest is due at %v, %t, after one at %v", n, due, ok, last)
		}
		last = due
	}
}

// A worker sleeps until the soonest client is due, and not until a bucket is: with one
// client there is one time to wake up.
func TestWheelIsExactForOne(t *testing.T) {
	w := NewWheel(1)
	for _, due := range []time.Duration{1, 66 * time.Microsecond, 3 * time.Second, 120 * time.Second, 26 * time.Hour, 100 * time.Hour} {
		w.Set(0, due, true)
		if soonest, ok := w.Soonest(); !ok || soonest != due || w.Crowded(due, due+time.Second) {
			t.Errorf("the soonest is due at %v, %t, want %v alone", soonest, ok, due)
		}
	}
}
