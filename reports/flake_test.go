package reports

import (
	"reflect"
	"testing"
)

func TestFindFlakes(t *testing.T) {
	var results []Result
	rounds := func(id, transport string, verdicts ...Verdict) {
		for i, v := range verdicts {
			results = append(results, Result{Case: id, Transport: transport, Round: i + 1, Verdict: v})
		}
	}
	rounds("qos/now-and-then", "udp", Pass, Fail, Pass, Fail)
	rounds("qos/now-and-then", "tcp", Pass, Pass, Pass, Pass)
	rounds("qos/always", "udp", Fail, Fail, Fail, Fail)
	rounds("qos/busy", "udp", Pass, Inconclusive, Fail, Fail)
	rounds("login/cut-short", "udp", Pass, Pass, Error, Skipped) // the target went away
	rounds("login/known", "ws", Pass, ExpectedFailure)
	rounds("login/never-run", "ws", Error, Skipped)
	want := []Flake{
		{"login/known", "ws", 2, map[Verdict]int{Pass: 1, ExpectedFailure: 1}, 0.5},
		{"qos/busy", "udp", 4, map[Verdict]int{Pass: 1, Inconclusive: 1, Fail: 2}, 0.75},
		{"qos/now-and-then", "udp", 4, map[Verdict]int{Pass: 2, Fail: 2}, 0.5},
	}
	if got := FindFlakes(results); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
