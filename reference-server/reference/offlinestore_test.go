package reference_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
)

// offlineStore keeps messages for users who are away.
type offlineStore struct {
	server.Conventions
	mu   sync.Mutex
	kept map[string][]wire.Message // by receiver
}

func (s *offlineStore) StoreOffline(m wire.Message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[m.To.Value()] = append(s.kept[m.To.Value()], m.Clone())
	return true
}

// take returns what is kept for a user, and keeps it no longer.
func (s *offlineStore) take(user string) []wire.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.kept[user]
	delete(s.kept, user)
	return kept
}

// An application stores messages for those who are away, and delivers them when they log in: from
// a goroutine of its own, as the server waits for whoever observes its events.
func ExampleConfig_offlineStore() {
	store, logins := &offlineStore{kept: map[string][]wire.Message{}}, make(chan string, 100)
	s, err := reference.Start(reference.Config{
		Addresses: reference.Loopback(), Application: store,
		Observe: func(_ time.Time, e server.Event) {
			if e.Kind == server.EventLogin {
				logins <- e.User
			}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer close(logins)
	defer s.Close() // first: nothing is reported afterwards
	go func() {
		for user := range logins {
			for _, m := range store.take(user) {
				s.Push(m)
			}
		}
	}()
	talk(s, "alice", wire.NewQoSData("alice", "bob", "hi", "fp-1")) // he is away: it is stored
	talk(s, "bob")
	// Output:
	// alice receives login response
	// alice receives received
	// bob receives login response
	// bob receives data: hi
}

// talk logs a user in, sends messages, and prints the first two that come.
func talk(s *reference.Server, user string, messages ...wire.Message) {
	conn, err := s.Dial(context.Background(), wire.TCP)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	for _, m := range append([]wire.Message{wire.NewLogin(wire.LoginInfo{UserID: wire.Some(user)})}, messages...) {
		_ = conn.Send(m.Append(nil)) // the answers show what came of it
	}
	printTwo(conn, user)
}

func printTwo(conn transport.Conn, user string) {
	for range 2 {
		body, err := conn.Receive()
		if err != nil {
			fmt.Println(err)
			return
		}
		m, _ := wire.Decode(body)
		fmt.Print(user, " receives ", m.Type)
		if m.Type == wire.TypeData {
			fmt.Print(": ", m.DataContent.Value())
		}
		fmt.Println()
	}
}
