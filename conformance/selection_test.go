package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/onsi/gomega"

	"imcheck/harness/wire"
)

func catalogue() []Case {
	nothing := func(gomega.Gomega, *Scene) {}
	return []Case{
		{ID: "login/accepted", Requirement: "A.", Section: "§3", Level: Must, Transports: []wire.Transport{wire.UDP, wire.TCP, wire.WS}, Run: nothing},
		{ID: "login/refused", Requirement: "B.", Section: "§3", Level: Must, Transports: []wire.Transport{wire.UDP, wire.TCP}, Needs: []string{"verdicts"}, Run: nothing},
		{ID: "framing/split", Requirement: "C.", Section: "§2", Level: Should, Transports: []wire.Transport{wire.TCP}, Run: nothing},
	}
}

func names(items []Item) string {
	var all []string
	for _, item := range items {
		all = append(all, item.Name())
	}
	return strings.Join(all, ", ")
}

func TestSelect(t *testing.T) {
	all := wire.Transports[:]
	tests := []struct {
		name              string
		selection         Selection
		served            []wire.Transport
		selected, skipped string
	}{
		{"everything", Selection{}, all, "login/accepted [udp], login/accepted [tcp], login/accepted [ws], login/refused [udp], login/refused [tcp], framing/split [tcp]", ""},
		{"what is served", Selection{}, []wire.Transport{wire.WS}, "login/accepted [ws]", ""},
		{"an area and not a transport", Selection{Filter: "login && !udp"}, all, "login/accepted [tcp], login/accepted [ws], login/refused [tcp]", ""},
		{"a level", Selection{Filter: "should"}, all, "framing/split [tcp]", ""},
		{"a need", Selection{Filter: "needs-verdicts && tcp"}, all, "login/refused [tcp]", ""},
		{"a case", Selection{Cases: []string{"login/refused"}}, all, "login/refused [udp], login/refused [tcp]", ""},
		{"a glob", Selection{Cases: []string{"*ed"}, Filter: "ws"}, all, "login/accepted [ws]", ""},
		{"a point is no wildcard", Selection{Cases: []string{"framing.split"}}, all, "", ""},
		{"left out", Selection{Filter: "tcp", Skip: []string{"login/*"}}, all, "framing/split [tcp]", "login/accepted [tcp], login/refused [tcp]"},
		{"nothing", Selection{Filter: "ws && should"}, all, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			selected, skipped, err := test.selection.Select(catalogue(), test.served)
			if err != nil {
				t.Fatal(err)
			}
			if names(selected) != test.selected || names(skipped) != test.skipped {
				t.Errorf("selected %s\nskipped %s", names(selected), names(skipped))
			}
		})
	}
	if _, _, err := (Selection{Filter: "login &&"}).Select(catalogue(), all); err == nil || !strings.Contains(err.Error(), "--filter") {
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
		"an ID without area": func(c []Case) { c[0].ID = "accepted" },
		"an ID twice":        func(c []Case) { c[0].ID = c[1].ID },
		"no sentence":        func(c []Case) { c[0].Requirement = "A" },
		"no section":         func(c []Case) { c[0].Section = "3" },
		"an unknown level":   func(c []Case) { c[0].Level = "MAY" },
		"no transport":       func(c []Case) { c[0].Transports = nil },
		"a transport twice":  func(c []Case) { c[0].Transports = []wire.Transport{wire.TCP, wire.UDP, wire.TCP} },
		"no function":        func(c []Case) { c[0].Run = nil },
	} {
		spoilt := slices.Clone(catalogue())
		spoil(spoilt)
		if Check(spoilt) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
