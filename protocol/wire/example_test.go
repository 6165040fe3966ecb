package wire_test

import (
	"fmt"

	"imcheck/protocol/wire"
)

func ExampleDecode() {
	m, err := wire.Decode([]byte(`{"type":2,"from":"alice","to":"bob","dataContent":"hi","QoS":true,"fp":"fp-1"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Type, "for", m.To.Value(), "says", m.DataContent.Value())
	fmt.Println(wire.NewReceived(m))

	_, err = wire.Decode([]byte(`{"type":"two"}`))
	fmt.Println(err)
	// Output:
	// data for bob says hi
	// {"bridge":false,"type":4,"dataContent":"fp-1","from":"bob","to":"alice","QoS":false,"typeu":-1,"sm":-1}
	// bad message: field "type" is not a whole number
}

func ExampleSplitter() {
	stream := wire.NewKeepAlive("alice").Append(nil)
	stream = wire.AppendFrame(nil, stream)
	stream = wire.AppendFrame(stream, []byte("{}"))

	var frames wire.Splitter
	for _, chunk := range [][]byte{stream[:10], stream[10:]} {
		for {
			body, ok, err := frames.Next(&chunk)
			if err != nil || !ok {
				fmt.Println("pending:", frames.Pending(), "error:", err)
				break
			}
			fmt.Println(len(body), "bytes")
		}
	}
	// Output:
	// pending: 10 error: <nil>
	// 99 bytes
	// 2 bytes
	// pending: 0 error: <nil>
}
