package servercases_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"imcheck/conformance/clientcases"
	"imcheck/conformance/internal/casestest"
	"imcheck/conformance/servercases"
	"imcheck/conformance/suite"
)

func TestEveryRequirementHasACase(t *testing.T) {
	if err := suite.CheckCoverage(servercases.All(), suite.Servers); err != nil {
		t.Error(err)
	}
}

func TestARequirementWithoutCasesIsNoticed(t *testing.T) {
	without := func(requirement string) []suite.Case {
		return slices.DeleteFunc(servercases.All(), func(c suite.Case) bool { return slices.Contains(c.Covers, requirement) })
	}
	if err := suite.CheckCoverage(without("c2s-memory"), suite.Servers); err == nil || !strings.Contains(err.Error(), "c2s-memory") {
		t.Errorf("got %v", err)
	}
	held := servercases.All()
	held[0].Covers = append(slices.Clone(held[0].Covers), "default-ports")
	if err := suite.CheckCoverage(held, suite.Servers); err == nil || !strings.Contains(err.Error(), "default-ports") {
		t.Errorf("got %v", err)
	}
}

func TestRequirementsAreSentencesWithIDsOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range suite.Requirements() {
		if seen[r.ID] {
			t.Errorf("requirement %s is in the list twice", r.ID)
		}
		seen[r.ID] = true
		if !strings.HasPrefix(r.Section, "§") || !strings.HasSuffix(r.Text, ".") {
			t.Errorf("requirement %s: section %q, text %q", r.ID, r.Section, r.Text)
		}
	}
}

func TestRequirementsAreDocumented(t *testing.T) {
	casestest.CheckDocument(t, "servercases", "requirements.md", requirementsDocument())
}

func requirementsDocument() []byte {
	var b bytes.Buffer
	b.WriteString(requirementsPreface)
	section := ""
	ofClients := suite.Cover(clientcases.All(), suite.Clients)
	for i, c := range suite.Cover(servercases.All(), suite.Servers) {
		if c.Requirement.Of == suite.Clients {
			c = ofClients[i]
		}
		if c.Requirement.Section != section {
			section = c.Requirement.Section
			fmt.Fprintf(&b, "\n## %s\n\n| requirement | cases |\n|---|---|\n", section)
		}
		text := strings.ReplaceAll(c.Requirement.Text, "|", `\|`)
		since := ""
		if first := c.Requirement.Since(); first != "" {
			since = " *Since " + string(first) + ".*"
		}
		fmt.Fprintf(&b, "| [%s](protocol.md#%s)%s | %s |\n", text, c.Requirement.ID, since, holding(c))
	}
	return b.Bytes()
}

// holding lists the cases of a requirement, or gives the reason that it has none.
func holding(c suite.Coverage) string {
	if len(c.Cases) == 0 {
		return "*none: " + c.Requirement.Unheld + "*"
	}
	var names []string
	for _, held := range c.Cases {
		var kinds []string
		for _, kind := range held.Transports {
			kinds = append(kinds, kind.String())
		}
		names = append(names, fmt.Sprintf("`%s` %s %s", held.ID, held.Level, strings.Join(kinds, " ")))
	}
	return strings.Join(names, "<br>")
}

const requirementsPreface = `# Requirements and the cases that check them

What [the protocol](protocol.md) asks for, section by section, and for each requirement the
cases with their level and transports: of the catalogue for servers, or of the one for clients
where the requirement is one of a client. **MUST** is what the
observed server of version 6.5, or a client of that version, does. Where it says *since*, those of older
versions do not: a target that is judged by one of these (` + "`--protocol 6.4`" + `, or ` + "`protocol`" + ` in its
profile) is not asked for it. **SHOULD** is where RFC 6455, safety or common sense
asks for more than the observed server gives: where the two contradict each other
the MUST cases leave both ways open. **INFO** measures and never fails.

` + "`imcheck conform --list`" + ` prints the same with what each case asks for, and with
` + "`--role client`" + ` those for clients.

This file is written by ` + "`go test ./conformance/servercases -run Documented -update`" + `.
`
