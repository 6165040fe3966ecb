package suite

import (
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

func catalogue() []Case {
	nothing := func(Scene) {}
	return []Case{
		{ID: "login/accepted", Requirement: "A.", Covers: []string{"login-accepted"}, Level: reports.Must, Transports: []wire.Transport{wire.UDP, wire.TCP, wire.WS}, Run: nothing},
		{ID: "login/refused", Requirement: "B.", Covers: []string{"login-accepted"}, Level: reports.Must, Transports: []wire.Transport{wire.UDP, wire.TCP}, Needs: []string{"verdicts"}, Run: nothing},
		{ID: "qos/memory", Requirement: "D.", Covers: []string{"c2s-memory"}, Level: reports.Must, Transports: []wire.Transport{wire.WS}, LongWait: time.Minute, Run: nothing},
		{ID: "framing/split", Requirement: "C.", Covers: []string{"tcp-chunks"}, Level: reports.Should, Transports: []wire.Transport{wire.TCP}, Run: nothing},
	}
}

func names(items []Item) string {
	var all []string
	for _, item := range items {
		all = append(all, item.Name())
	}
	return strings.Join(all, ", ")
}

func namesOfSkipped(skipped []Skipped) string {
	var items []Item
	for _, s := range skipped {
		items = append(items, s.Item)
	}
	return names(items)
}

func TestSelect(t *testing.T) {
	all := wire.Transports[:]
	tests := []struct {
		name              string
		selection         Selection
		served            []wire.Transport
		selected, skipped string
	}{
		{"everything", Selection{}, all, "login/accepted [udp], login/accepted [tcp], login/accepted [ws], login/refused [udp], login/refused [tcp], framing/split [tcp]", "qos/memory [ws]"},
		{"what is served", Selection{}, []wire.Transport{wire.WS}, "login/accepted [ws]", "qos/memory [ws]"},
		{"an area and not a transport", Selection{Filter: "login && !udp"}, all, "login/accepted [tcp], login/accepted [ws], login/refused [tcp]", ""},
		{"a level", Selection{Filter: "should"}, all, "framing/split [tcp]", ""},
		{"a need", Selection{Filter: "needs-verdicts && tcp"}, all, "login/refused [tcp]", ""},
		{"a case", Selection{Cases: []string{"login/refused"}}, all, "login/refused [udp], login/refused [tcp]", ""},
		{"a glob", Selection{Cases: []string{"*ed"}, Filter: "ws"}, all, "login/accepted [ws]", ""},
		{"a point is no wildcard", Selection{Cases: []string{"framing.split"}}, all, "", ""},
		{"left out", Selection{Filter: "tcp", Skip: []string{"login/*"}}, all, "framing/split [tcp]", "login/accepted [tcp], login/refused [tcp]"},
		{"a long case", Selection{Cases: []string{"qos/*"}}, all, "", "qos/memory [ws]"},
		{"a long case when it is asked for", Selection{Cases: []string{"qos/*"}, Long: true}, all, "qos/memory [ws]", ""},
		{"a long case by its name", Selection{Cases: []string{"qos/memory"}}, all, "qos/memory [ws]", ""},
		{"a long case that is left out", Selection{Skip: []string{"*"}, Long: true, Filter: "long"}, all, "", "qos/memory [ws]"},
		{"nothing", Selection{Filter: "ws && should"}, all, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			selected, skipped, err := test.selection.Select(catalogue(), test.served)
			if err != nil {
				t.Fatal(err)
			}
			if names(selected) != test.selected || namesOfSkipped(skipped) != test.skipped {
				t.Errorf("selected %s\nskipped %s", names(selected), namesOfSkipped(skipped))
			}
		})
	}
	if _, _, err := (Selection{Filter: "login &&"}).Select(catalogue(), all); err == nil || !strings.Contains(err.Error(), "the filter") {
		t.Errorf("a bad filter: %v", err)
	}
}

func TestCheckGlobs(t *testing.T) {
	if err := CheckGlobs(catalogue(), []string{"login/*", "framing/split"}); err != nil {
		t.Error(err)
	}
	if err := CheckGlobs(catalogue(), []string{"login/*", "logout/*"}); err == nil || !strings.Contains(err.Error(), "logout/*") {
		t.Errorf("got %v", err)
	}
}

func TestCheck(t *testing.T) {
	if err := Check(catalogue()); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func([]Case){
		"an ID without area":  func(c []Case) { c[0].ID = "accepted" },
		"an ID twice":         func(c []Case) { c[0].ID = c[1].ID },
		"no sentence":         func(c []Case) { c[0].Requirement = "A" },
		"no requirement":      func(c []Case) { c[0].Covers = nil },
		"unknown requirement": func(c []Case) { c[0].Covers = []string{"login-accepted", "login-acepted"} },
		"an unknown need":     func(c []Case) { c[0].Relies = []string{"login-acepted"} },
		"an unknown level":    func(c []Case) { c[0].Level = "MAY" },
		"no transport":        func(c []Case) { c[0].Transports = nil },
		"a transport twice":   func(c []Case) { c[0].Transports = []wire.Transport{wire.TCP, wire.UDP, wire.TCP} },
		"no function":         func(c []Case) { c[0].Run = nil },
	} {
		spoilt := slices.Clone(catalogue())
		spoil(spoilt)
		if Check(spoilt) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// A label that no case has is a misspelling; the rest of a filter is left to Ginkgo.
func TestCheckFilter(t *testing.T) {
	catalogue := []Case{{ID: "login/a", Level: reports.Must, Transports: []wire.Transport{wire.TCP, wire.WS}, Needs: []string{"kick"}}}
	for filter, want := range map[string]string{
		"": "", "login": "", "LOGIN && must": "", "!(tcp || ws) && login": "", "tcp, ws": "", "needs-kick": "", "/log.*|x/ && tcp": "",
		"area: containsAny {x, y}": "", "area: isEmpty && tcp": "",
		"udp":                         `no case has the label "udp"`,
		"login && !tpc":               `no case has the label "tpc"`,
		"(tcp||wss)":                  `no case has the label "wss"`,
		"/x/ || area: isEmpty && wss": `no case has the label "wss"`,
		"login &&":                    "the filter",
	} {
		err := Selection{Filter: filter}.CheckFilter(catalogue)
		if err != nil && strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: %q colours the terminal", filter, err)
		}
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", filter, err, want)
		}
	}
}
