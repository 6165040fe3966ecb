package fuzz

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/behaviour"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/reference"
	"imcheck/reference-server/variants"
)

var thorough = flag.Bool("thorough", false, "send many more inputs; it takes minutes")

// inputs is how many are sent to a server that has nothing wrong.
func inputs() int {
	if *thorough {
		return 4000
	}
	return 400
}

// world is a reference server in virtual time, which can be started anew.
type world struct {
	t      *testing.T
	config reference.Config
	server *reference.Server
}

func newWorld(t *testing.T, change func(*reference.Config)) *world {
	t.Helper()
	const anyPort = "127.0.0.1:0"
	w := &world{t: t, config: reference.Config{
		Network: memory.New(), Modes: timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}, Limits: server.DefaultLimits,
		Addresses: [...]string{anyPort, anyPort, anyPort},
	}}
	change(&w.config)
	t.Cleanup(func() { w.server.Close() })
	return w
}

func (w *world) start(context.Context) (*target.Target, error) {
	s, err := reference.Start(w.config)
	if err != nil {
		return nil, err
	}
	w.server = s
	under := &target.Target{Network: w.config.Network, Modes: w.config.Modes, Tolerance: 10 * time.Millisecond}
	for _, on := range wire.Transports {
		under.Addresses[on] = s.Address(on)
	}
	return under, nil
}

// run fuzzes a reference server in virtual time.
func run(t *testing.T, change func(*world), o Options) (outcome Outcome, err error) {
	t.Helper()
	if o.Parallel == 0 {
		o.Parallel = 8
	}
	o.Patience = time.Second
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(*reference.Config) {})
		change(w)
		under, startErr := w.start(t.Context())
		if startErr != nil {
			t.Fatal(startErr)
		}
		if o.Restart != nil {
			o.Restart = w.start
		}
		outcome, err = Run(t.Context(), under, o)
	})
	return outcome, err
}

func withFault(f faults.Fault) func(*world) {
	return func(w *world) { w.config.Faults = []faults.Fault{f} }
}

func TestHealthyServersShowNothing(t *testing.T) {
	configs := map[string]func(*reference.Config){
		"reference":   func(*reference.Config) {},
		"as observed": func(c *reference.Config) { c.AsObserved = true },
	}
	for _, v := range variants.All() {
		if *thorough {
			configs[v.Name] = func(c *reference.Config) { c.Variants = []variants.Variant{v} }
		}
	}
	for name, change := range configs {
		t.Run(name, func(t *testing.T) {
			outcome, err := run(t, func(w *world) { change(&w.config) }, Options{Inputs: inputs()})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range outcome.Findings {
				t.Errorf("%v\n%v", f, f.transcript())
			}
			if outcome.Inputs != inputs() || outcome.Checks == 0 || len(outcome.Unsteady) > 0 || outcome.Disturbed > 0 {
				t.Errorf("%d inputs, %d checks, unsteady %v, disturbed %d", outcome.Inputs, outcome.Checks, outcome.Unsteady, outcome.Disturbed)
			}
		})
	}
}

var negative = []byte{0xff, 0xff, 0xff, 0xff}

// onNegativeLength calls trigger when a TCP stream brings a length of -1.
func onNegativeLength(trigger func()) faults.Fault {
	return faults.Fault{Name: "x", TCP: func(c net.Conn) net.Conn {
		return &behaviour.Tap{Conn: c, Incoming: func(b []byte) ([]byte, error) {
			if bytes.Contains(b, negative) {
				trigger()
			}
			return b, nil
		}}
	}}
}

// A server that ends for good is reported with what was sent last.
func TestDeadServerIsGone(t *testing.T) {
	outcome, err := run(t, func(w *world) {
		withFault(onNegativeLength(func() { go w.server.Close() }))(w)
	}, Options{Inputs: 5000})
	if _, gone := errors.AsType[*target.UnreachableError](err); !gone {
		t.Fatalf("%v, findings %v", err, outcome.Findings)
	}
	if !slices.ContainsFunc(outcome.Last, hasNegativeLength) {
		t.Errorf("what killed it is not among the last %d inputs", len(outcome.Last))
	}
}

func hasNegativeLength(in Input) bool {
	return in.On == wire.TCP && bytes.Contains(slices.Concat(in.Writes...), negative)
}

// A server that dies and can be started again shows what it dies of.
func TestDeadServerIsStartedAgain(t *testing.T) {
	outcome, err := run(t, func(w *world) {
		withFault(onNegativeLength(func() { go w.server.Close() }))(w)
	}, Options{Inputs: 600, Restart: func(context.Context) (*target.Target, error) { return nil, nil }})
	expectFound(t, outcome, err, bystanderLeft, Chunk(negative))
}

// expectFound wants one difference in which one write is left.
func expectFound(t *testing.T, outcome Outcome, err error, expected string, want Chunk) {
	t.Helper()
	if err != nil || len(outcome.Findings) != 1 {
		t.Fatalf("%v, findings %v, unsteady %v", err, outcome.Findings, outcome.Unsteady)
	}
	f := outcome.Findings[0]
	if len(f.Series.Inputs) != 1 || f.Incident.Expected != expected || f.Lasting {
		t.Fatalf("%v\n%v", f, f.transcript())
	}
	if got := Chunk(slices.Concat(f.Series.Inputs[0].Writes...)); !bytes.Equal(got, want) {
		t.Errorf("it is shortened to %q, want %q", got, want)
	}
}

// A server that answers nobody for a while has its input found.
func TestPausesAreFound(t *testing.T) {
	var until atomic.Int64
	deafAfterNegative := faults.Fault{Name: "x", TCP: func(c net.Conn) net.Conn {
		return &behaviour.Tap{Conn: c, Incoming: func(b []byte) ([]byte, error) {
			if bytes.Contains(b, negative) {
				until.Store(time.Now().Add(8 * time.Second).UnixNano())
			}
			if time.Now().UnixNano() < until.Load() {
				return nil, nil
			}
			return b, nil
		}}
	}}
	outcome, err := run(t, withFault(deafAfterNegative), Options{Inputs: 600})
	expectFound(t, outcome, err, bystanderAnswered, Chunk(negative))
}

// A server that never answers on a transport again is a difference too, with the inputs
// that were sent last.
func TestServersThatHangAreFound(t *testing.T) {
	var deaf atomic.Bool
	outcome, err := run(t, withFault(faults.Fault{Name: "x", TCP: func(c net.Conn) net.Conn {
		return &behaviour.Tap{Conn: c, Incoming: func(b []byte) ([]byte, error) {
			if deaf.Store(deaf.Load() || bytes.Contains(b, negative)); deaf.Load() {
				return nil, nil
			}
			return b, nil
		}}
	}}), Options{Inputs: 5000})
	if err != nil || len(outcome.Findings) != 1 || !outcome.Findings[0].Lasting {
		t.Fatalf("%v, findings %v", err, outcome.Findings)
	}
	if f := outcome.Findings[0]; f.Incident.On != wire.TCP || len(f.Series.Inputs) > batchSize || !slices.ContainsFunc(f.Series.Inputs, hasNegativeLength) {
		t.Errorf("%v", f)
	}
}

// What an input has others see is found, and shortened.
func TestBystandersNotice(t *testing.T) {
	outcome, err := run(t, func(w *world) {
		withFault(faults.Fault{Name: "x", Inbound: func(_ *server.Session, in server.Inbound) server.Inbound {
			if !in.Bad && in.Message.Type == 49 {
				go func() {
					for _, user := range w.server.Online() {
						w.server.Push(wire.NewData(wire.ServerID, user, "boo"))
					}
				}()
			}
			return in
		}})(w)
	}, Options{Inputs: 600})
	if err != nil || len(outcome.Findings) == 0 {
		t.Fatalf("%v, findings %v, unsteady %v", err, outcome.Findings, outcome.Unsteady)
	}
	f := outcome.Findings[0]
	if len(f.Series.Inputs) != 1 || f.Incident.Expected != bystanderLeft || !strings.Contains(f.Incident.Actual, "boo") {
		t.Errorf("%v\n%v", f, f.transcript())
	}
}

// A server that keeps something of a handshake that does not end grows, and the input
// that makes it grow is found.
func TestGrowthIsFound(t *testing.T) {
	var leaked atomic.Int64
	const spoilt = "\r\nX-"
	leak := faults.Fault{Name: "x", WebSocket: func(c net.Conn) net.Conn {
		return &behaviour.Tap{Conn: c, Incoming: func(b []byte) ([]byte, error) {
			if bytes.Contains(b, []byte(spoilt)) {
				leaked.Add(1 << 20)
			}
			return b, nil
		}}
	}}
	gauge := &Gauge{"memory of the test", func(context.Context) (int64, error) { return leaked.Load(), nil }}
	outcome, err := run(t, withFault(leak), Options{Inputs: 600, Memory: gauge, MaxGrowth: 1 << 20})
	if err != nil || len(outcome.Findings) != 1 || !outcome.Memory.Steady {
		t.Fatalf("%v, findings %v, memory %v", err, outcome.Findings, outcome.Memory)
	}
	f := outcome.Findings[0]
	if len(f.Series.Inputs) != 1 || f.Series.Times < 2 || !bytes.Contains(slices.Concat(f.Series.Inputs[0].Writes...), []byte(spoilt)) {
		t.Errorf("%v", f)
	}

	leaked.Store(0)
	outcome, err = run(t, withFault(leak), Options{Series: &f.Series, Memory: gauge, MaxGrowth: 1 << 20})
	if err != nil || len(outcome.Findings) != 1 {
		t.Errorf("sent again: %v, findings %v, memory %v", err, outcome.Findings, outcome.Memory)
	}
}

// Memory that is used once and for all is no growth.
func TestHeapsMayFill(t *testing.T) {
	reads := 0
	gauge := &Gauge{"memory of the test", func(context.Context) (int64, error) {
		if reads++; reads > 2 {
			return 100 << 20, nil
		}
		return 1 << 20, nil
	}}
	outcome, err := run(t, func(*world) {}, Options{Inputs: 200, Memory: gauge, MaxGrowth: 1 << 20})
	if err != nil || len(outcome.Findings) > 0 || outcome.Memory.Growth() != 99<<20 || outcome.Memory.Steady {
		t.Errorf("%v, findings %v, memory %v", err, outcome.Findings, outcome.Memory)
	}
}

// What does not come again is no difference, and not forgotten.
func TestUnsteadyIncidents(t *testing.T) {
	var once atomic.Bool
	outcome, err := run(t, func(w *world) {
		withFault(onNegativeLength(func() {
			if !once.Swap(true) {
				go w.server.Kick(w.server.Online()[0], wire.Kickout{Code: 7})
			}
		}))(w)
	}, Options{Inputs: 300})
	if err != nil || len(outcome.Findings) > 0 || len(outcome.Unsteady) != 1 {
		t.Errorf("%v, findings %v, unsteady %v", err, outcome.Findings, outcome.Unsteady)
	}
}

// The end of the run interrupts it.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(*reference.Config) {})
		under, err := w.start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if outcome, err := Run(ctx, under, Options{Inputs: 100, Parallel: 2, Patience: time.Second}); err == nil || outcome.Inputs > 0 {
			t.Errorf("%v after %d inputs", err, outcome.Inputs)
		}
	})
}

func TestDrawIsRepeatable(t *testing.T) {
	draw := func(seed, number uint64) string { return fmt.Sprintf("%+v", Draw(seed, number, wire.Transports[:])) }
	first := draw(1, 5)
	if again := draw(1, 5); again != first {
		t.Errorf("the same seed and number draw %.200s and %.200s", first, again)
	}
	if draw(2, 5) == first || draw(1, 8) == first {
		t.Error("seed or number do not decide what is drawn")
	}
}

// Every kind of mutation is drawn, within the bounds, and no input names anybody but
// strangers.
func TestDrawnInputs(t *testing.T) {
	missing := map[string]bool{}
	for _, kind := range Kinds(wire.Transports[:]) {
		missing[kind] = true
	}
	for number := range uint64(2000) {
		in := Draw(1, number, wire.Transports[:])
		for _, kind := range in.Kinds {
			delete(missing, kind)
		}
		if len(in.Kinds) == 0 {
			t.Errorf("input %d has no mutation", number)
		}
		for _, w := range in.Writes {
			if in.On == wire.UDP && len(w) > maxDatagram || len(w) > maxWrite {
				t.Errorf("input %d writes %d bytes at once on %s", number, len(w), in.On)
			}
			if bytes.Contains(w, []byte("bystander")) || bytes.Contains(w, []byte("newcomer")) {
				t.Errorf("input %d names a witness: %q", number, w)
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("never drawn: %v", missing)
	}
}

func TestReadSeries(t *testing.T) {
	for text, want := range map[string]string{
		`{"form":"imcheck inputs 1","inputs":[{"on":"tcp","writes":[{"text":"x"},{"base64":"AAE="}],"end":"close"}]}`: "",
		``: "not a series",
		`{"form":"imcheck inputs 2","inputs":[]}`:                                                                                      "form: \"imcheck inputs 2\"",
		`{"form":"imcheck inputs 1","inputs":[]}`:                                                                                      "1 to 4096 inputs",
		`{"form":"imcheck inputs 1","inputs":[{"on":"carrier pigeon","writes":[],"end":"close"}]}`:                                     "carrier pigeon",
		`{"form":"imcheck inputs 1","inputs":[{"on":"tcp","writes":[{}],"end":"close"}]}`:                                              "either text or base64",
		`{"form":"imcheck inputs 1","inputs":[{"on":"tcp","writes":[{"text":"x","base64":"AA=="}],"end":"close"}]}`:                    "either text or base64",
		`{"form":"imcheck inputs 1","inputs":[{"on":"tcp","writes":[{"base64":"!"}],"end":"close"}]}`:                                  "illegal base64",
		`{"form":"imcheck inputs 1","inputs":[{"on":"tcp","writes":[],"end":"never"}]}`:                                                `input 1: end: there is no "never"`,
		`{"form":"imcheck inputs 1","times":-1,"inputs":[{"on":"tcp","writes":[],"end":"close"}]}`:                                     "times: -1",
		`{"form":"imcheck inputs 1","inputs":[{"on":"tcp","handshake":true,"writes":[{"text":"x"}],"end":"close"}]}`:                   "input 1: handshake",
		`{"form":"imcheck inputs 1","inputs":[{"on":"tcp","writes":[],"end":"close","colour":"red"}]}`:                                 "unknown field",
		`{"form":"imcheck inputs 1","inputs":[{"on":"tcp","writes":[],"end":"close"}]} {}`:                                             "follows",
		`{"form":"imcheck inputs 1","inputs":[{"on":"tcp","writes":[{"text":"` + strings.Repeat("x", 8<<20+1) + `"}],"end":"close"}]}`: "over the limit",
	} {
		_, err := ReadSeries([]byte(text))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.60s: %v, want %q", text, err, want)
		}
	}
}

func TestLeaveOut(t *testing.T) {
	tries := 0
	got, err := leaveOut([]byte("..a.....b..c...."), func(b []byte) (bool, error) {
		tries++
		return bytes.Contains(b, []byte("a")) && bytes.Contains(b, []byte("c")), nil
	})
	if err != nil || string(got) != "ac" || tries > 40 {
		t.Errorf("%q, %v after %d tries", got, err, tries)
	}
}
