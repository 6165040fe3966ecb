package swarm

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
	"imcheck/reports"
)

// backlogLoad has a fifth of 60 clients away for 28 s, of which messages are sent in 8.
func backlogLoad() Config {
	c := scenarioLoad("backlog")
	c.Duration, c.BacklogAway = 40*time.Second, 28*time.Second
	c.Rate = 30
	return c
}

// A target that acknowledges and never delivers is not blamed, and the report says so.
func TestBacklogThatIsStoredAndNotDelivered(t *testing.T) {
	report := runVirtual(t, backlogLoad(), nil)
	expect(t, report, reports.OutcomePass, 0, "")
	if want := (reports.Backlog{Absent: 12, Returned: 12, Sent: 240, Stored: 240}); report.Backlog == nil || *report.Backlog != want {
		t.Errorf("got %+v, want %+v", report.Backlog, want)
	}
	if sent := report.SentCount(); sent != 0 {
		t.Errorf("%d messages are in the ledger", sent)
	}
	if s := report.Sessions; s.LoggedIn != 72 || len(s.LostByCause) != 0 || s.AtEnd != 60 {
		t.Errorf("the sessions are %+v", s)
	}
}

// Of a target without a store nothing is acknowledged, which is no loss of the protocol.
func TestBacklogWithoutAStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, described := startServer(t, memory.New())
		defer s.Close()
		described.Conventions.OfflinePrefix = "gone-" // the server knows another one
		c := backlogLoad()
		c.Target = described
		report, err := Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, report, reports.OutcomePass, 0, "")
		if want := (reports.Backlog{Absent: 12, Returned: 12, Sent: 240}); report.Backlog == nil || *report.Backlog != want {
			t.Errorf("got %+v, want %+v", report.Backlog, want)
		}
		for _, sample := range report.Timeline { // the senders' giving up is no error
			if sample.Errors > 0 {
				t.Errorf("there are errors: %+v", sample)
			}
		}
	})
}

// keeper is an application that keeps messages for those who are away.
type keeper struct {
	server.Conventions
	mu   sync.Mutex
	kept map[string][]wire.Message
}

// StoreOffline implements server.Application.
func (k *keeper) StoreOffline(m wire.Message) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept[m.To.Value()] = append(k.kept[m.To.Value()], m.Clone())
	return true
}

// take returns what is kept for a user, the latest first.
func (k *keeper) take(user string) (kept []wire.Message) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, m := range k.kept[user] {
		kept = append([]wire.Message{m}, kept...)
	}
	delete(k.kept, user)
	return kept
}

// What a target delivers after the login is counted: how much, how late, twice, and in
// which order. This one delivers 3 s after the login, the latest first.
func TestBacklogThatIsDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		modes, err := timing.ParseModes("3S", wire.Transports[:])
		if err != nil {
			t.Fatal(err)
		}
		network, store, logins := memory.New(), &keeper{kept: map[string][]wire.Message{}}, make(chan string, 1000)
		s, err := reference.Start(reference.Config{
			Network: network, Addresses: [3]string{"127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"}, Modes: modes, Limits: server.DefaultLimits, Application: store,
			Observe: func(_ time.Time, e server.Event) {
				if e.Kind == server.EventLogin {
					logins <- e.User
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer close(logins)
		defer s.Close()
		go func() {
			for user := range logins {
				kept := store.take(user)
				go func() {
					time.Sleep(3 * time.Second)
					for _, m := range kept {
						s.Push(m)
						time.Sleep(time.Millisecond)
					}
				}()
			}
		}()
		c := backlogLoad()
		c.Target = &target.Target{Network: network, Modes: modes}
		for _, kind := range wire.Transports {
			c.Target.Addresses[kind] = s.Address(kind)
		}
		report, err := Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, report, reports.OutcomePass, 0, "")
		if want := (reports.Backlog{Absent: 12, Returned: 12, Sent: 240, Stored: 240, Delivered: 240, Reordered: 240 - 12}); report.Backlog == nil || *report.Backlog != want {
			t.Errorf("got %+v, want %+v", report.Backlog, want)
		}
		l := latencyOf(report, reports.KindBacklog, reports.AllTransports, reports.FromSend)
		if l.Count != 240 || l.MinUs < 2_900_000 || l.MaxUs > 3_100_000 {
			t.Errorf("they came between %d and %d µs after the login, want 3 s", l.MinUs, l.MaxUs)
		}
	})
}

// The shards of a backlog have its messages between them.
func TestBacklogOfShards(t *testing.T) {
	var got reports.Backlog
	for _, l := range runShards(t, backlogLoad(), 3) {
		got.Absent += l.Backlog.Absent
		got.Sent += l.Backlog.Sent
		got.Stored += l.Backlog.Stored
	}
	if want := (reports.Backlog{Absent: 12, Sent: 240, Stored: 240}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestBacklogRefuses(t *testing.T) {
	for option, change := range map[string]func(c *Config){
		"backlog.share": func(c *Config) { c.Clients = 1 },
		"backlog.away":  func(c *Config) { c.BacklogAway = c.Duration },
	} {
		c := goodConfig()
		c.Scenario, c.Duration, c.BacklogShare, c.BacklogAway = "backlog", time.Minute, 20, 30*time.Second
		change(&c)
		if err := c.Check(); err == nil || !strings.HasPrefix(err.Error(), option) {
			t.Errorf("got %v, want one about %s", err, option)
		}
	}
}
