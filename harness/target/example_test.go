package target_test

import (
	"fmt"
	"log"

	"imcheck/harness/target"
	"imcheck/protocol/wire"
)

// A profile describes a server under test. What it leaves out has the defaults of a 6.x
// server.
func ExampleParseProfile() {
	profile, err := target.ParseProfile("server.yaml", []byte("name: our server\naddresses: {tcp: 127.0.0.1:8901}\nsenseModes: {tcp: 10S}\n"))
	if err != nil {
		log.Fatal(err)
	}
	t := profile.Target()
	fmt.Println(t.Info.Name, t.Transports(), t.Addresses[wire.TCP], t.Modes[wire.TCP], t.Tolerance)

	_, err = target.ParseProfile("server.yaml", []byte("addresses: {tcp: nowhere}\n"))
	fmt.Println(err)
	// Output:
	// our server [tcp] 127.0.0.1:8901 10S 100ms
	// server.yaml:1: addresses.tcp: address nowhere: missing port in address: write it as host:port, such as 127.0.0.1:7901
}
