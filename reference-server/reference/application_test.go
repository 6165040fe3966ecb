package reference_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"imcheck/harness/accounts"
	"imcheck/harness/transport"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
)

// veto refuses all messages between users and stores none.
type veto struct{ server.Conventions }

func (veto) AllowC2C(wire.Message) bool     { return false }
func (veto) StoreOffline(wire.Message) bool { return false }

// An application of one's own decides, what it leaves out is as the conventions have it, and
// its server does not claim to keep them.
func TestApplication(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		var mu sync.Mutex
		var seen []string
		config := everywhere(n)
		config.Application = veto{}
		config.Observe = func(_ time.Time, e server.Event) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, string(e.Kind)+" "+e.User)
		}
		s := start(t, config)
		p := dial(t, n, s, wire.TCP, transport.Options{})
		p.login("alice")
		p.send(wire.NewQoSData("alice", "alice", "vetoed", "f-1"))
		p.send(wire.NewQoSData("alice", wire.ServerID, "taken", "f-2"))
		if ack := p.receive(); ack.Type != wire.TypeReceived || !ack.DataContent.Is("f-2") {
			t.Errorf("received %s", ack)
		}
		mu.Lock()
		defer mu.Unlock()
		if want := []string{"verify alice", "login alice", "c2s alice"}; !slices.Equal(seen, want) {
			t.Errorf("the application has seen %q, want %q", seen, want)
		}
		if all := s.Info().Capabilities; all.Has(controlapi.CapabilityVeto) || !all.Has(controlapi.CapabilityKick) {
			t.Errorf("capabilities %s", all)
		}
	})
}

// Who is let in is decided in one place.
func TestApplicationAndUsers(t *testing.T) {
	config := reference.Config{Addresses: reference.Loopback(), Application: veto{}, Users: &accounts.List{}}
	if s, err := reference.Start(config); err == nil || !strings.Contains(err.Error(), "leave out Users") {
		t.Errorf("%v, %v", s, err)
	}
}
