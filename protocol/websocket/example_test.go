package websocket_test

import (
	"fmt"

	"imcheck/protocol/websocket"
)

func ExampleReader() {
	// What a client received: a message in two fragments, with a ping between.
	var in []byte
	in = websocket.Frame{Opcode: websocket.OpText, Payload: []byte("Hello, ")}.Append(in)
	in = websocket.Server.Frame(websocket.OpPing, []byte("tick")).Append(in)
	in = websocket.Frame{Fin: true, Opcode: websocket.OpContinuation, Payload: []byte("world")}.Append(in)

	reader := websocket.NewReader(websocket.Client, websocket.Rules{MaxMessage: 1 << 10})
	for {
		opcode, payload, ok, err := reader.Next(&in)
		if err != nil || !ok {
			fmt.Println("end:", err)
			return
		}
		fmt.Printf("%s: %s\n", opcode, payload)
		if answer, ok := websocket.Client.Answer(opcode, payload); ok {
			fmt.Printf("answer: %s, masked: %t\n", answer.Opcode, answer.Masked)
		}
	}
	// Output:
	// ping: tick
	// answer: pong, masked: true
	// text: Hello, world
	// end: <nil>
}
