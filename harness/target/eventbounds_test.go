package target

import (
	"encoding/json"
	"strings"
	"testing"

	"imcheck/protocol/controlapi"
)

// A server that sends more events than there can be ends the stream, and is named as
// the one that did it.
func TestEventBounds(t *testing.T) {
	full := make([]Event, MaxEvents-1, MaxEvents)
	long := json.RawMessage(strings.Repeat("x", 1<<19))
	for _, test := range []struct {
		name   string
		events *Events
		event  Event
		fit    int // number of further events that are taken
		want   string
	}{
		{"foreign", &Events{foreign: MaxForeignEvents - 2}, Event{EventLine: controlapi.EventLine{User: "other"}}, 2, "more than 5000000 events that nobody asked for"},
		{"own", &Events{seen: full}, Event{EventLine: controlapi.EventLine{User: "u"}}, 1, "over 100000"},
		{"own, and long", &Events{}, Event{EventLine: controlapi.EventLine{User: "u", Message: long}}, 63, "over 32 MiB"},
	} {
		e := test.events
		e.isOwn, e.grown = func(e Event) bool { return e.User == "u" }, make(chan struct{})
		for i := range test.fit {
			if err := e.add(test.event); err != nil {
				t.Fatalf("%s: event %d: %v", test.name, i+1, err)
			}
		}
		if err := e.add(test.event); err == nil || !strings.Contains(err.Error(), "the control API sent more") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: one more: %v", test.name, err)
		}
	}
}
