package client_test

import (
	"fmt"
	"time"

	"imcheck/protocol/client"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// A driver carries out the effects: here it prints them, and plays the server.
func Example() {
	carryOut := func(effects []client.Effect) {
		for _, e := range effects {
			switch e.Kind {
			case client.Connect:
				fmt.Println("connect")
			case client.Send:
				fmt.Println("send", e.Message.Type)
			case client.LoggedIn:
				fmt.Println("logged in")
			case client.Delivered:
				fmt.Println("delivered:", e.Message.DataContent.Value())
			}
		}
	}
	c := client.New(client.Config{User: "alice", Token: "token", Transport: wire.TCP, Mode: timing.Mode3S})
	now := time.Unix(1_800_000_000, 0) // any time will do: the rules read no clock

	carryOut(c.Start(nil))
	carryOut(c.Connected(now, nil))
	carryOut(c.Receive(now, wire.NewLoginResponse("alice", wire.CodeOK, now.UnixMilli()), nil))
	message := wire.NewQoSData("bob", "alice", "hi", "fp-1")
	carryOut(c.Receive(now, message, nil))
	carryOut(c.Receive(now, message, nil)) // a copy is acknowledged, not delivered
	now = c.Next()
	carryOut(c.Tick(now, nil))
	// Output:
	// connect
	// send login
	// logged in
	// send received
	// delivered: hi
	// send received
	// send keep-alive
}
