// Package matrix puts the conformance runs of several implementations side by side: a
// column for each implementation, a row for each requirement of docs/protocol.md.
package matrix

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"imcheck/reports"
	"imcheck/reports/content"
)

// File is the name of the page.
const File = "matrix.html"

// Kind is Matrix.Kind.
const Kind = "matrix"

// Matrix compares implementations by requirement.
type Matrix struct {
	Schema          int              `json:"schema"`
	Kind            string           `json:"kind"`
	Tool            string           `json:"tool"`    // name and version of the program
	Command         []string         `json:"command"` // as typed
	Role            string           `json:"role"`    // what all of them are: server or client
	Implementations []Implementation `json:"implementations"`
	Sections        []Section        `json:"sections"`
	// WithoutCase lists the IDs of requirements that no case of any run checks: they have
	// no row.
	WithoutCase []string `json:"withoutCase,omitempty"`
}

// Implementation is a column: one run.
type Implementation struct {
	Folder          string                  `json:"folder"` // of its run, as it was named
	Page            string                  `json:"page,omitempty"`
	Name            string                  `json:"name"` // that of the folder where the report has none
	Version         string                  `json:"version,omitempty"`
	Organization    string                  `json:"organization,omitempty"`
	URL             string                  `json:"url,omitempty"`
	ProtocolVersion string                  `json:"protocolVersion,omitempty"`
	Started         time.Time               `json:"started"`
	Command         []string                `json:"command"`
	Outcome         reports.Outcome         `json:"outcome"`
	Counts          map[reports.Verdict]int `json:"counts"` // requirements, by the worst verdict of their cases
	NotRun          int                     `json:"notRun"` // requirements of which no case was run
}

// Title returns the name and the version.
func (i Implementation) Title() string {
	return reports.Target{Name: i.Name, Version: i.Version}.Title()
}

// Section has the requirements of a section of docs/protocol.md.
type Section struct {
	Name string `json:"name"`
	Rows []Row  `json:"requirements"`
}

// Row is a requirement.
type Row struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Since string `json:"since,omitempty"` // first version of the protocol that keeps it; "" when each does
	Cells []Cell `json:"cells"`           // one for each implementation, in their order
}

// Cell is what an implementation does about a requirement, by transport; empty when none
// of its cases was run.
type Cell []Verdict

// Verdict is the worst of the verdicts of a requirement's cases on one transport.
type Verdict struct {
	Transport string          `json:"transport"`
	Verdict   reports.Verdict `json:"verdict"`
	Case      string          `json:"case"`           // that has it, the first by name
	Link      string          `json:"link,omitempty"` // to its place on the page of the run; left out without a page
}

// Worst returns the worst verdict of a cell that is not empty.
func (c Cell) Worst() reports.Verdict {
	worst := reports.Skipped // nothing is less severe
	for _, v := range c {
		worst = content.WorseOf(worst, v.Verdict)
	}
	return worst
}

// Of reads the folders of conformance runs and puts them side by side, in the order in which
// they are named. Links are relative to the folder dir, where the page is to be. The
// error says which folder cannot be shown with the others, and why.
func Of(folders []string, dir string) (*Matrix, error) {
	m := &Matrix{Schema: reports.SchemaVersion, Kind: Kind, Command: []string{}, Sections: []Section{}}
	var runs []*reports.Conformance
	for _, folder := range folders {
		b, err := reports.ReadDir(folder)
		if err != nil {
			return nil, err
		}
		if b.Conformance == nil && b.Load == nil {
			return nil, fmt.Errorf("%s is a search for capacity: a matrix shows what conform reports", folder)
		}
		if b.Conformance == nil {
			return nil, fmt.Errorf("%s has the report of a load and none of conform: a matrix shows what conform reports", folder)
		}
		if err := m.add(folder, dir, b.Conformance); err != nil {
			return nil, err
		}
		runs = append(runs, b.Conformance)
	}
	m.arrange(runs, dir)
	return m, nil
}

// add adds a column.
func (m *Matrix) add(folder, dir string, c *reports.Conformance) error {
	if len(c.Requirements) == 0 {
		return fmt.Errorf("the report in %s lists no requirements, as those of older programs do not: run conform again", folder)
	}
	role := cmp.Or(c.Role, "server") // which reports of before that field are of
	if m.Role != "" && role != m.Role {
		return fmt.Errorf("%s is about a %s, and the folders before it are about a %s: name those of one kind", folder, role, m.Role)
	}
	m.Role = role
	i := Implementation{
		Folder: folder, Page: pageOf(dir, folder), Name: c.Target.Name, Version: c.Target.Version,
		Organization: c.Target.Organization, URL: c.Target.URL, ProtocolVersion: c.ProtocolVersion,
		Started: c.Started, Command: append([]string{}, c.Command...), Outcome: c.Outcome, Counts: map[reports.Verdict]int{},
	}
	if i.Name == "" { // nothing says that two such runs are of the same implementation
		i.Name = filepath.Base(filepath.Clean(folder))
	}
	for _, other := range m.Implementations {
		if other.Name == i.Name && other.Version == i.Version {
			return fmt.Errorf("%s and %s are both runs of %s, begun at %s and %s: name one of them", other.Folder, folder, i.Title(),
				other.Started.UTC().Format(time.RFC3339), i.Started.UTC().Format(time.RFC3339))
		}
	}
	m.Implementations = append(m.Implementations, i)
	return nil
}

// arrange makes the rows: the requirements of all runs, in the order of the first that has
// them.
func (m *Matrix) arrange(runs []*reports.Conformance, dir string) {
	byCase := make([]map[string][]reports.Result, len(runs))
	for i, run := range runs {
		byCase[i] = map[string][]reports.Result{}
		for _, r := range reports.ByCase(run.Results) {
			byCase[i][r.Case] = append(byCase[i][r.Case], r)
		}
	}
	for _, listed := range allRequirements(runs) {
		row := Row{ID: listed.ID, Text: listed.Text, Since: listed.Since}
		held := false
		for i, run := range runs {
			cell := Cell{}
			if at := slices.IndexFunc(run.Requirements, func(r reports.Requirement) bool { return r.ID == listed.ID }); at >= 0 {
				held = held || len(run.Requirements[at].Cases) > 0
				cell = newCell(run.Requirements[at], byCase[i], m.Implementations[i].Page)
			}
			row.Cells = append(row.Cells, cell)
		}
		if !held {
			m.WithoutCase = append(m.WithoutCase, listed.ID)
			continue
		}
		m.addRow(listed.Section, row)
	}
}

// addRow adds a requirement to its section, and counts it.
func (m *Matrix) addRow(section string, row Row) {
	for i, cell := range row.Cells {
		if len(cell) == 0 {
			m.Implementations[i].NotRun++
		} else {
			m.Implementations[i].Counts[cell.Worst()]++
		}
	}
	at := slices.IndexFunc(m.Sections, func(s Section) bool { return s.Name == section })
	if at < 0 {
		at = len(m.Sections)
		m.Sections = append(m.Sections, Section{Name: section})
	}
	m.Sections[at].Rows = append(m.Sections[at].Rows, row)
}

// allRequirements lists each requirement of the runs once.
func allRequirements(runs []*reports.Conformance) (all []reports.Requirement) {
	seen := map[string]bool{}
	for _, run := range runs {
		for _, r := range run.Requirements {
			if !seen[r.ID] {
				seen[r.ID] = true
				all = append(all, r)
			}
		}
	}
	return all
}

// newCell finds the worst verdict of a requirement's cases on each transport.
func newCell(r reports.Requirement, byCase map[string][]reports.Result, page string) Cell {
	cell, worst := Cell{}, map[string]reports.Result{}
	for _, id := range slices.Sorted(slices.Values(r.Cases)) {
		for _, result := range byCase[id] {
			before, known := worst[result.Transport]
			if !known || content.WorseOf(before.Verdict, result.Verdict) != before.Verdict {
				worst[result.Transport] = result
			}
		}
	}
	for _, transport := range reports.SortedTransports(worst) {
		result := worst[transport]
		cell = append(cell, Verdict{transport, result.Verdict, result.Case, evidence(page, result.Case)})
	}
	return cell
}

// WriteJSON writes a matrix of Of as reports/schema/matrix.schema.json describes it.
func WriteJSON(w io.Writer, m *Matrix) error { return reports.WriteJSON(w, m) }
