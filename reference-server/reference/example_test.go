package reference_test

import (
	"context"
	"fmt"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
)

// shop is an application of one's own. What it leaves out is as server.Conventions has it.
type shop struct{ server.Conventions }

func (shop) Verify(_, token, _ string) wire.Code {
	if token != "secret" {
		return wire.CodeFirstApplication
	}
	return wire.CodeOK
}

func (shop) AllowC2C(m wire.Message) bool     { return !m.To.Is("spam") }
func (shop) StoreOffline(m wire.Message) bool { return true }

// A test embeds the reference server with an application of its own, and sees what that is told.
func ExampleStart() {
	s, err := reference.Start(reference.Config{
		Addresses: reference.Loopback(), Application: shop{},
		Observe: func(_ time.Time, e server.Event) { fmt.Println(e.Kind, e.User, e.Code) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()

	conn, err := s.Dial(context.Background(), wire.TCP) // your client connects to s.Address(wire.TCP)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	for _, m := range []wire.Message{
		wire.NewLogin(wire.LoginInfo{UserID: wire.Some("alice"), Token: wire.Some("secret")}),
		wire.NewQoSData("alice", "bob", "hi", "fp-1"), // bob is away: it is stored
	} {
		if err := conn.Send(m.Append(nil)); err != nil {
			fmt.Println(err)
		}
		if _, err := conn.Receive(); err != nil {
			fmt.Println(err)
		}
	}
	_ = conn.Send(wire.NewLogout("alice").Append(nil))
	_, _ = conn.Receive() // the server closes the connection
	// Output:
	// verify alice 0
	// login alice 0
	// offline bob 1
	// logout alice -1
}
