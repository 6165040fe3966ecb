package page

import (
	"strings"
	"testing"

	"imcheck/reports"
)

func TestHeadline(t *testing.T) {
	message := func(name, more string) string { return name + `{"type":2,"dataContent":"a"` + more + `}` }
	late := []reports.Measurement{{Name: "expiry", Value: 8002, Lower: 7000, Upper: 7011, Tolerance: 100}}
	tests := map[string]struct {
		result reports.Result
		want   string
	}{
		"nothing came":          {reports.Result{Expected: message("nothing but data ", ""), Actual: "nothing within 3s"}, "Expected: data; got: nothing within 3s"},
		"something between":     {reports.Result{Expected: message("nothing but echo response ", ""), Actual: message("data ", "")}, "Expected: nothing but echo response; got: data"},
		"another field":         {reports.Result{Expected: message("nothing but data ", `,"to":"b"`), Actual: message("data ", `,"to":"c"`)}, "Data with another to"},
		"several fields":        {reports.Result{Expected: message("", `,"to":"b","fp":"f"`), Actual: message("", `,"to":"c","sm":1`)}, "Message with another to, with sm, without fp"},
		"an ACK":                {reports.Result{Expected: message("received ", `,"to":"b"`), Actual: message("received ", `,"to":"c"`)}, "ACK with another to"},
		"another order":         {reports.Result{Expected: `data {"a":1,"b":2}`, Actual: `data {"b":2,"a":1}`}, "Data written in another way"},
		"another inner field":   {reports.Result{Expected: `login response {"type":50,"dataContent":"{\"code\":1025,\"a\":1}"}`, Actual: `login response {"type":50,"dataContent":"{\"code\":0,\"a\":1}"}`}, "Login response with another dataContent (code)"},
		"inner fields come":     {reports.Result{Expected: `data {"a":"{\"b\":1}"}`, Actual: `data {"a":"{\"c\":1}"}`}, "Data with another a (c, b)"},
		"no message any more":   {reports.Result{Expected: `data {"a":"{\"b\":1}"}`, Actual: `data {"a":"{oops"}`}, "Data with another a"},
		"another kind":          {reports.Result{Expected: message("login response ", ""), Actual: message("kick-out ", "")}, "Expected: login response; got: kick-out"},
		"late":                  {reports.Result{Expected: "expiry: after 7s ± 100ms", Actual: "after 8.002s", Reason: "after 8.002s", Measurements: late}, "Expiry: 991 ms late"},
		"asked late":            {reports.Result{Expected: "data", Actual: "nothing within 3s", Measurements: []reports.Measurement{{Name: "expiry: gone", Rule: reports.RuleBracket, Value: 101, Upper: 100}}}, "Expected: data; got: nothing within 3s"},
		"a reason":              {reports.Result{Expected: "error 301", Actual: "a response", Reason: "the session was still there"}, "The session was still there"},
		"inconclusive":          {reports.Result{Reason: "expiry: gone: " + message("data ", "") + ", but the harness itself was up to 151ms late", Measurements: late}, "Expiry: gone: data, but the harness itself was up to 151ms late"},
		"too long to be cut":    {reports.Result{Expected: `echo response {"type":53,"dataContent":"xxxx… (8192 bytes in all)`, Actual: "nothing within 3s"}, "Expected: echo response; got: nothing within 3s"},
		"nothing but messages":  {reports.Result{Expected: message("", ""), Actual: "nothing within 3s"}, "Expected: a message; got: nothing within 3s"},
		"an event":              {reports.Result{Expected: "nothing further of the client", Actual: `after 5ms: the event {"ev":"message","fp":"f"}`}, "Expected: nothing further of the client; got: after 5ms: the event message"},
		"another event":         {reports.Result{Expected: `the event {"ev":"kickout","code":1}`, Actual: `nothing within 3s; after 5ms came the event {"ev":"kickout","code":2} ; after 6ms came the event {"ev":"login","code":0}`}, "Expected: the event kickout; got: nothing within 3s; after 5ms came the event kickout; after 6ms came the event login"},
		"an event that differs": {reports.Result{Expected: `the event {"ev":"kickout","code":1}`, Actual: `the event {"ev":"kickout","code":2}`}, "The event kickout with another code"},
		"unprintable":           {reports.Result{Reason: "\x1b[2J"}, `\x1b[2J`},
		"long":                  {reports.Result{Reason: strings.Repeat("ä", 200)}, "Ä" + strings.Repeat("ä", headlineLength-1) + "…"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := headline(test.result); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestWithoutNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"nothing within 3.001s": "nothing within #s",
		"after 10s. Then 2":     "after #s. Then #",
		"none":                  "none",
	} {
		if got := withoutNumbers(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
