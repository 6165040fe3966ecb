package reference_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// echoesOver sends a number of echoes, one every 5 ms. It returns the round-trip times of
// each that came back, and the order in which they did.
func echoesOver(t *testing.T, count int, names ...string) (came map[string][]time.Duration, order []string) {
	t.Helper()
	came = map[string][]time.Duration{}
	synctest.Test(t, func(t *testing.T) {
		s, n := withVariants(t, names...)
		p := dial(t, n, s, wire.UDP, transport.Options{})
		begin := time.Now()
		done := make(chan struct{})
		_ = p.SetReceiveDeadline(begin.Add(time.Duration(count)*5*time.Millisecond + time.Second))
		go func() {
			defer close(done)
			for {
				body, err := p.Conn.Receive()
				if err != nil {
					return
				}
				m, _ := wire.Decode(body)
				var i int
				fmt.Sscan(m.DataContent.Value(), &i)
				sent := begin.Add(time.Duration(i) * 5 * time.Millisecond)
				came[m.DataContent.Value()] = append(came[m.DataContent.Value()], time.Since(sent))
				order = append(order, m.DataContent.Value())
			}
		}()
		for i := range count {
			p.send(wire.NewEcho("u", fmt.Sprint(i)))
			time.Sleep(5 * time.Millisecond)
		}
		<-done
	})
	return came, order
}

// share checks how many of 2000 there are. The margins are wide, and the numbers are the
// same each time, as the seed is.
func share(t *testing.T, what string, got int, low, high float64) {
	t.Helper()
	if f := float64(got) / 2000; f < low || f > high {
		t.Errorf("%s: %d of 2000, want %v to %v of them", what, got, low, high)
	}
}

func TestLostDatagrams(t *testing.T) {
	came, _ := echoesOver(t, 2000, "datagrams-lost")
	share(t, "lost on either way", 2000-len(came), 0.07, 0.13)
}

func TestDoubledDatagrams(t *testing.T) {
	came, order := echoesOver(t, 2000, "datagrams-doubled")
	if len(came) != 2000 {
		t.Errorf("%d of 2000 came", len(came))
	}
	share(t, "doubled", len(order)-2000, 0.17, 0.25)
}

func TestReorderedDatagrams(t *testing.T) {
	came, order := echoesOver(t, 2000, "datagrams-reordered")
	if len(came) != 2000 || len(order) != 2000 {
		t.Errorf("%d of 2000 came, %d times", len(came), len(order))
	}
	overtaken := 0
	for content, times := range came {
		if times[0] > 40*time.Millisecond {
			t.Errorf("%s was %v late", content, times[0])
		}
		if times[0] > 5*time.Millisecond {
			overtaken++
		}
	}
	share(t, "overtaken", overtaken, 0.08, 0.2)
}

func TestLateDatagrams(t *testing.T) {
	came, _ := echoesOver(t, 2000, "datagrams-late", "datagrams-reordered")
	if len(came) != 2000 {
		t.Errorf("%d of 2000 came", len(came))
	}
	late := 0
	for content, times := range came {
		if times[0] > 160*time.Millisecond {
			t.Errorf("%s was %v late", content, times[0])
		}
		if times[0] > 80*time.Millisecond {
			late++
		}
	}
	share(t, "over half of the most", late, 0.4, 0.6)
}

// The same seed does the same to the same datagrams.
func TestSeedOfThePath(t *testing.T) {
	_, one := echoesOver(t, 200, "datagrams-lost", "datagrams-doubled", "datagrams-late")
	_, again := echoesOver(t, 200, "datagrams-lost", "datagrams-doubled", "datagrams-late")
	if fmt.Sprint(one) != fmt.Sprint(again) {
		t.Errorf("%v, then %v", one, again)
	}
}

// The listener cuts a long datagram as it does without variants, and a server with
// a bad path closes at once and leaves no goroutine, as the end of a bubble shows.
func TestBadPathOnTheMachine(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		config := everywhere(n)
		config.Variants = findVariants(t, "datagrams-late", "datagrams-doubled")
		s := start(t, config)
		p := dial(t, n, s, wire.UDP, transport.Options{})
		p.send(wire.NewEcho("u", string(make([]byte, 3000))))
		p.until(wire.NewEcho("u", "x"), wire.TypeEchoResponse)
		p.send(wire.NewEcho("u", "y"))
		s.Close()
	})
}
