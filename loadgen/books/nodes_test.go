package books

import (
	"testing"
	"time"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

// What was measured at an address is added up over the workers, exactly.
func TestNodes(t *testing.T) {
	all := Workers{NewWorker(nil), NewWorker(nil)}
	for i, w := range all {
		w.Nodes.LogIn(wire.TCP, 2)
		w.Nodes.Record(Login, wire.TCP, 2, time.Duration(i+1)*time.Millisecond)
	}
	all[1].Nodes.Record(EchoReply, wire.TCP, 2, time.Second)
	all[1].Nodes.LogIn(wire.WS, 0) // not followed by address
	all[1].Nodes.Record(Login, wire.WS, 0, time.Second)
	total := all.Nodes()
	var none, row reports.Node
	for id, into := range map[NodeID]*reports.Node{1: &none, 2: &row} {
		if err := total.Complete(into, wire.TCP, id); err != nil {
			t.Fatal(err)
		}
	}
	if none.LoggedIn != 0 || none.Latencies != nil || len(total[wire.WS]) != 0 {
		t.Errorf("nothing was measured, reported are %+v and %v", none, total[wire.WS])
	}
	if row.LoggedIn != 2 || len(row.Latencies) != 2 {
		t.Fatalf("reported is %+v", row)
	}
	login, echo := row.Latencies[0], row.Latencies[1]
	if login.Kind != reports.KindLogin || login.From != reports.FromDue || login.Transport != "tcp" || login.Count != 2 || login.MaxUs < 2000 || login.MaxUs > 2020 {
		t.Errorf("logins took %+v", login)
	}
	if echo.Kind != reports.KindEcho || echo.From != reports.FromSend || echo.Count != 1 {
		t.Errorf("echoes took %+v", echo)
	}
}

// The histograms are bounded; logins are counted all the same.
func TestNodesAreBounded(t *testing.T) {
	var n Nodes
	n.LogIn(wire.UDP, MaxNodeLatencies+1)
	n.Record(Login, wire.UDP, MaxNodeLatencies+1, time.Second)
	var row reports.Node
	if err := n.Complete(&row, wire.UDP, MaxNodeLatencies+1); err != nil || row.LoggedIn != 1 || row.Latencies != nil {
		t.Errorf("reported is %+v, %v", row, err)
	}
	if NodeIDOf(1<<16-1) != 1<<16-1 || NodeIDOf(1<<16) != 0 {
		t.Error("an address beyond what an ID can say is followed")
	}
}
