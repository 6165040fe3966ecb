package swarm

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"imcheck/harness/accounts"
	"imcheck/harness/target"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/client"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// withUsers is a load of so many clients on a target that has so many users.
func withUsers(t *testing.T, clients, users int) Config {
	t.Helper()
	template, err := accounts.NewTemplate("the template", "", accounts.Spec{ID: "user{n:04d}", Token: "token-{transport}-{n}", Extra: "extra-{id}", Count: users})
	if err != nil {
		t.Fatal(err)
	}
	under := &target.Target{Modes: timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}, Users: template}
	for _, kind := range wire.Transports {
		under.Addresses[kind] = "127.0.0.1:1"
	}
	c := Config{Options: options.Defaults("steady"), Target: under, Transports: wire.Transports[:]}
	c.Clients = clients
	return c
}

func TestTooFewUsers(t *testing.T) {
	if err := withUsers(t, 10, 10).Check(); err != nil {
		t.Errorf("enough users: %v", err)
	}
	err := withUsers(t, 11, 10).Check()
	refused, ok := errors.AsType[*options.Error](err)
	short, is := errors.AsType[*accounts.ShortageError](err)
	if !ok || refused.Option != options.Users || !is || short.Need != 11 || short.Has != 10 {
		t.Errorf("too few users: %v", err)
	}
	long := withUsers(t, 1, 1)
	long.Target.Conventions.MaxMessages[wire.UDP] = 100
	if err := long.Check(); err == nil || !strings.Contains(err.Error(), `the login of "user0001" has`) {
		t.Errorf("a long login: %v", err)
	}
}

// TestShardsHaveUsersOfTheirOwn: every client has the account of its number, on its
// transport, in exactly one shard, and all shards know the IDs of all.
func TestShardsHaveUsersOfTheirOwn(t *testing.T) {
	const clients, shards = 31, 3
	logins := map[string]int{}
	for i := range shards {
		c := withUsers(t, clients, clients)
		c.Shard, c.Start = plan.Shard{Index: i + 1, Of: shards}, time.Now().Add(time.Hour)
		s := newSwarm(c)
		for n := range clients {
			if id := s.Users(plan.Client(n)); id != fmt.Sprintf("user%04d", n+1) {
				t.Errorf("client %d is %s", n, id)
			}
		}
		for _, w := range s.workers {
			for j := range w.roster.members {
				logins[loginOf(t, s, &w.roster.members[j])]++
			}
		}
	}
	if len(logins) != clients {
		t.Errorf("%d different logins of %d clients", len(logins), clients)
	}
	for n := range clients {
		want := fmt.Sprintf("user%04d token-%s-%d extra-user%04d", n+1, wire.Transports[n%3], n+1, n+1)
		if logins[want] != 1 {
			t.Errorf("%d logins of %s", logins[want], want)
		}
	}
}

// loginOf returns what a client logs in with.
func loginOf(t *testing.T, s *swarm, m *member) string {
	t.Helper()
	m.rules = s.rulesOf(m)
	m.rules.Start(nil)
	for _, e := range m.rules.Connected(s.Start, nil) {
		if e.Kind == client.Send && e.Message.Type == wire.TypeLogin {
			info, err := wire.ParseLoginInfo(e.Message.DataContent.Value())
			if err != nil {
				t.Fatal(err)
			}
			return info.UserID.Value() + " " + info.Token.Value() + " " + info.Extra.Value()
		}
	}
	t.Fatal("the client does not log in")
	return ""
}

// TestOverheadOfUsers: the longest message has the longest of the IDs twice.
func TestOverheadOfUsers(t *testing.T) {
	list, err := accounts.Parse("users.csv", strings.NewReader("id,token\nu1,t\n"+strings.Repeat("\"\"\"", 1)+strings.Repeat("\"\"", 40)+"\"\"\",t\n"))
	if err != nil {
		t.Fatal(err)
	}
	c := withUsers(t, 2, 2)
	c.Target.Users = list
	longest := list.ID(1)
	size := len(wire.NewQoSData(longest, longest, "", "fp").Append(nil))
	if c.overhead() < size {
		t.Errorf("%d bytes are allowed for, and a message has %d", c.overhead(), size)
	}
}
