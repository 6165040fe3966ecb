package swarm

import (
	"fmt"
	"net/netip"
	"os"
	"testing"

	"imcheck/internal/childprocess"
	"imcheck/protocol/wire"
)

// roleVariable makes the test binary another process of a benchmark, so that
// its share of the processor and of the memory is not counted.
const roleVariable = "IMCHECK_BENCHMARK_ROLE"

// roles are the tasks of such a process. Each prints one line of JSON, and ends
// with its standard input.
var roles = map[string]func() error{
	"echo server":      serveEchoes,
	"reference server": serveReference,
	"fleet":            runFleet,
	"beating fleet":    runBeatingFleet,
	"bare heartbeats":  runBareBeats,
	"hostile server":   serveHostilely,
	"besieged fleet":   runSiege,
}

func TestMain(m *testing.M) {
	role := os.Getenv(roleVariable)
	if role == "" {
		os.Exit(m.Run())
	}
	if err := roles[role](); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", role, err)
		os.Exit(1)
	}
}

// startProcess starts a process that ends with the benchmark, sends it question,
// unless that is nil, and waits for its answer.
func startProcess(b *testing.B, role string, question, answer any) (pid int) {
	b.Helper()
	return childprocess.Start(b, roleVariable, role, question, answer)
}

// wayToConnect is one of the ways that a benchmark compares, one after the other.
type wayToConnect struct {
	name    string
	on      wire.Transport
	sources []netip.Addr
	// withoutRing has the event loops do without io_uring.
	withoutRing bool
}

// waysToConnect are all of them; on the last one sockets are shared by so many
// source addresses.
func waysToConnect(sources int) []wayToConnect {
	return []wayToConnect{
		{name: "tcp", on: wire.TCP},
		{name: "ws", on: wire.WS},
		{name: "udp", on: wire.UDP},
		{name: "udp-shared-sockets", on: wire.UDP, sources: loopbacks(sources)},
	}
}
