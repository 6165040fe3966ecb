package servercases_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"imcheck/conformance/internal/casestest"
	"imcheck/conformance/servercases"
	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
)

// TestAssumptionsAreDocumented writes down what each case relies on, as it was
// noted in a run against a healthy server.
func TestAssumptionsAreDocumented(t *testing.T) {
	skipUnderRace(t)
	noted := map[string]map[suite.Assumption][]string{} // by case: the transports of each
	world{modes: all3S, stamp: true, long: true, finished: func(f suite.Finished) {
		if noted[f.Item.ID] == nil {
			noted[f.Item.ID] = map[suite.Assumption][]string{}
		}
		for _, a := range f.Assumed {
			noted[f.Item.ID][a] = append(noted[f.Item.ID][a], f.Item.Transport.String())
		}
	}}.run(t, servercases.All())
	casestest.CheckDocument(t, "servercases", "assumptions.md", assumptionsDocument(noted))
}

func assumptionsDocument(noted map[string]map[suite.Assumption][]string) []byte {
	var b bytes.Buffer
	b.WriteString(assumptionsPreface)
	for _, c := range servercases.All() {
		fmt.Fprintf(&b, "| `%s` |", c.ID)
		for _, a := range suite.Assumptions {
			fmt.Fprintf(&b, " %s |", transportsOf(c, noted[c.ID][a]))
		}
		b.WriteString("\n")
	}
	return b.Bytes()
}

// transportsOf names the transports of a case on which it relies on something.
func transportsOf(c suite.Case, on []string) string {
	if len(on) == len(c.Transports) {
		return "✓"
	}
	var names []string
	for _, t := range wire.Transports {
		if slices.Contains(on, t.String()) {
			names = append(names, t.String())
		}
	}
	return strings.Join(names, " ")
}

const assumptionsPreface = `# What the cases rely on

A server is free in much of what it does ([protocol.md §7](protocol.md#section-7)), and the path to it loses what it
likes. This is all that each case takes for granted of order, loss and time, as the suite
noted it in a run against the reference server: ✓ on every transport of the case, else on
those that are named.

- **answer**: an answer comes within 5 seconds.
- **order**: on a stream, what a session's own messages cause comes in their order.
- **settling**: what a session causes in another one, in the list of users or at the
  application, and whatever comes late, comes within 2 seconds; what has not come by
  then does not come.
- **time**: a measured time is within its bounds and the tolerance. When the lag of the
  harness, the path, or a target that answers slowly could explain a miss, the case is
  inconclusive.
- **repetition**: where datagrams may be lost, a request is sent again until it is
  answered, or several times at once when nothing answers it; on every transport the first
  keep-alive after a login is. A copy of it means the same.
- **one datagram**: the case depends on a datagram that cannot be sent again. When it does
  not come, the case fails only if the path, measured then with 100 echoes, loses none,
  and if it is missing a second time.

This file is written by ` + "`go test ./conformance/servercases -run Documented -update`" + `.

| case | answer | order | settling | time | repetition | one datagram |
|---|---|---|---|---|---|---|
`
