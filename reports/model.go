package reports

import (
	"fmt"
	"strings"
	"time"
)

// SchemaVersion is the version of the JSON that this package writes. It is raised when
// a reader of the older form would misread the newer one.
const SchemaVersion = 1

// Values of Header.Kind.
const (
	KindConformance = "conformance"
	KindLoad        = "load"
)

// Header has what both kinds of report begin with.
type Header struct {
	Schema      int         `json:"schema"`
	Kind        string      `json:"kind"`
	Tool        string      `json:"tool"` // name and version of the program that measured
	Started     time.Time   `json:"started"`
	DurationMs  int64       `json:"durationMs"`
	Command     []string    `json:"command"` // as typed, to run it again
	Environment Environment `json:"environment"`
	Target      Target      `json:"target"`
	Outcome     Outcome     `json:"outcome"`
	Reason      string      `json:"reason"` // the outcome in one sentence
	ExitCode    int         `json:"exitCode"`
}

// Environment describes the machine that measured.
type Environment struct {
	Go            string `json:"go"`
	System        string `json:"system"` // operating system and architecture
	CPUs          int    `json:"cpus"`
	OpenFileLimit uint64 `json:"openFileLimit,omitempty"`
}

// Target describes the server under test.
type Target struct {
	Name          string            `json:"name,omitempty"`
	Version       string            `json:"version,omitempty"`
	Organization  string            `json:"organization,omitempty"`  // that makes it
	URL           string            `json:"url,omitempty"`           // of a page about it
	Addresses     map[string]string `json:"addresses"`               // by transport, and "control"
	Reached       map[string]string `json:"reached,omitempty"`       // by transport: what was connected to, where that is not the address itself
	UnverifiedTLS []string          `json:"unverifiedTLS,omitempty"` // transports on which the server's certificate was not checked
	SenseModes    map[string]string `json:"senseModes,omitempty"`    // by transport
	Capabilities  []string          `json:"capabilities,omitempty"`  // as its control API lists them
}

// Outcome is the result of a whole run.
type Outcome string

// Outcomes, one for each exit code but 2, with which nothing is run.
const (
	OutcomePass         Outcome = "pass"         // exit 0
	OutcomeFail         Outcome = "fail"         // exit 1: the target falls short
	OutcomeUnreachable  Outcome = "unreachable"  // exit 3: the target is gone, or the engine failed
	OutcomeInconclusive Outcome = "inconclusive" // exit 4: the harness was too slow to tell
)

// outcomes lists all of them.
var outcomes = [...]Outcome{OutcomePass, OutcomeFail, OutcomeUnreachable, OutcomeInconclusive}

// ExitCode returns the exit code of the program after such a run.
func (o Outcome) ExitCode() int {
	switch o {
	case OutcomePass:
		return 0
	case OutcomeFail:
		return 1
	case OutcomeInconclusive:
		return 4
	}
	return 3 // unreachable
}

// Conformance is the report of a conformance run ("report.json").
type Conformance struct {
	Header
	// ProtocolVersion is the version of the protocol that the target was judged by: that of
	// docs/protocol.md unless an older one was asked for; "" in reports of older programs.
	ProtocolVersion string `json:"protocolVersion,omitempty"`
	// Role says what the target is: "server" or "client"; "" in reports of older programs,
	// which are about servers.
	Role   string          `json:"role,omitempty"`
	Seed   int64           `json:"seed"`             // determines the order of the cases
	Rounds int             `json:"rounds,omitempty"` // as configured; 0 when the cases were not repeated
	Counts map[Verdict]int `json:"counts"`
	Flakes []Flake         `json:"flakes,omitempty"`
	// Problems describes entries of the list of expected failures that are out of date.
	// Each of them fails the run.
	Problems []string `json:"problems,omitempty"`
	// Troubles describes what the tester's own machine did not provide, such as time to
	// run, each once. Cases that lacked it are inconclusive.
	Troubles []string `json:"troubles,omitempty"`
	Expiries []Expiry `json:"expiries,omitempty"` // expiries of a run in several sense modes
	// Impairment of the path to the target; nil when it was left as it was.
	Impairment *Impairment `json:"impairment,omitempty"`
	// TargetMemory is the memory of the target; nil when nothing said how much it had.
	TargetMemory *TargetMemory `json:"targetMemory,omitempty"`
	// UnderLoad has what came of the cases under load; nil for a run without.
	UnderLoad *UnderLoad `json:"underLoad,omitempty"`
	Results   []Result   `json:"results"`
	// Requirements lists all requirements of docs/protocol.md, section by section, with
	// the cases of the whole catalogue; nil in reports of older programs.
	Requirements []Requirement `json:"requirements,omitempty"`
}

// Requirement is one sentence of docs/protocol.md that servers have to satisfy.
type Requirement struct {
	ID      string   `json:"id"`               // stable, and its anchor in docs/protocol.md
	Section string   `json:"section"`          // section in docs/protocol.md
	Text    string   `json:"text"`             // in one sentence
	Unheld  string   `json:"unheld,omitempty"` // reason that no case checks it; "" when at least one does
	Cases   []string `json:"cases,omitempty"`  // IDs of the cases that check it, run or not
	Since   string   `json:"since,omitempty"`  // first version of the protocol that keeps it; "" when each does
}

// Verdict is the result of one case on one transport.
type Verdict string

// The verdicts.
const (
	Pass            Verdict = "pass"
	Fail            Verdict = "fail"
	Warn            Verdict = "warn"             // a SHOULD that does not hold
	ExpectedFailure Verdict = "expected failure" // a failure or warning that is on the user's list of known ones
	UnexpectedPass  Verdict = "unexpected pass"  // a pass of a case on that list, which is out of date
	Inconclusive    Verdict = "inconclusive"     // the harness's own lag could explain the miss
	NotSupported    Verdict = "not supported"    // the target lacks a capability that the case needs
	Skipped         Verdict = "skipped"          // as the user asked, or for the version that the target is judged by
	Error           Verdict = "error"            // the target could not be reached, or the engine failed
)

// Verdicts lists every verdict in the order in which summaries show them.
var Verdicts = [...]Verdict{Pass, Fail, Warn, ExpectedFailure, UnexpectedPass, Inconclusive, NotSupported, Skipped, Error}

// Level is the strictness of a case.
type Level string

const (
	Must   Level = "MUST"   // the behaviour of the observed server, version 6.5
	Should Level = "SHOULD" // more, by RFC 6455, safety or common sense
	Info   Level = "INFO"   // asks for nothing: it measures, and never fails
)

// Levels lists every level in the order in which reports show them.
var Levels = [...]Level{Must, Should, Info}

// CanFail reports whether a case of the level asks for anything.
func (l Level) CanFail() bool { return l != Info }

// Result describes how one case ended on one transport.
type Result struct {
	Case         string        `json:"case"` // stable ID, "area/name"
	Transport    string        `json:"transport"`
	Requirement  string        `json:"requirement"` // in one sentence
	Section      string        `json:"section"`     // section in docs/protocol.md
	Level        Level         `json:"level"`
	Covers       []string      `json:"covers,omitempty"`    // IDs of the requirements that the case checks; nil in reports of older programs
	Round        int           `json:"round,omitempty"`     // from 1 on; 0 when the cases were not repeated
	SenseMode    string        `json:"senseMode,omitempty"` // sense mode of the target; "" for a run in one sense mode only
	Verdict      Verdict       `json:"verdict"`
	Reason       string        `json:"reason,omitempty"`   // for every verdict but a pass, and what an INFO case found
	Since        string        `json:"since,omitempty"`    // of a case that was skipped as the target is judged by an older version of the protocol: the first to which it applies
	Expected     string        `json:"expected,omitempty"` // for a failure
	Actual       string        `json:"actual,omitempty"`   // for a failure
	StartedMs    float64       `json:"startedMs"`          // since the start of the run
	DurationMs   float64       `json:"durationMs"`
	Measurements []Measurement `json:"measurements,omitempty"`
	Transcript   []Line        `json:"transcript,omitempty"` // the last lines of a failed case
	Trace        string        `json:"trace,omitempty"`      // file with the whole transcript, relative to the report
	Rerun        string        `json:"rerun,omitempty"`      // a command that runs just this case again
	Coverage     *Coverage     `json:"coverage,omitempty"`   // of exploring: what was tried, or reached
}

// Coverage says how much of what there is to try a run has tried.
type Coverage struct {
	Times map[string]int `json:"times"`           // how often, by name; at least 1
	Never []string       `json:"never,omitempty"` // names of what was left out
}

// NewCoverage picks the kinds of one part of a run from all that happened and all that was
// left out; name returns the name of a kind within that part, and whether it belongs there.
func NewCoverage(times map[string]int, never []string, name func(kind string) (string, bool)) *Coverage {
	c := &Coverage{Times: map[string]int{}}
	for kind, n := range times {
		if name, found := name(kind); found {
			c.Times[name] = n
		}
	}
	for _, kind := range never {
		if name, found := name(kind); found {
			c.Never = append(c.Never, name)
		}
	}
	return c
}

// Share returns the coverage as a share of what there is, with what is missing.
func (c *Coverage) Share(what string) string {
	text := fmt.Sprintf("%d of %d %s", len(c.Times), len(c.Times)+len(c.Never), what)
	if len(c.Never) > 0 {
		text += ", and never: " + strings.Join(c.Never, "; ")
	}
	return text
}

// Area returns the part of the case's ID before the slash.
func (r Result) Area() string {
	area, _, _ := strings.Cut(r.Case, "/")
	return area
}

// CountVerdicts counts results by verdict; verdicts without a result are left out.
func CountVerdicts(results []Result) map[Verdict]int {
	counts := map[Verdict]int{}
	for _, r := range results {
		counts[r.Verdict]++
	}
	return counts
}

// Line is one line of a transcript.
type Line struct {
	At         float64 `json:"atMs"` // since the start of the case
	Connection string  `json:"connection"`
	Direction  string  `json:"direction"` // "->" to the target, "<-" from it, "--" a remark
	Text       string  `json:"text"`
}

// Expiry describes when a target closed silent sessions, in one sense mode on one
// transport.
type Expiry struct {
	SenseMode string  `json:"senseMode"`
	Transport string  `json:"transport"`
	Nominal   float64 `json:"nominalMs"`
	// The session was there up to Earliest and gone at Latest; they are equal
	// where its end shows, and 0 where a case ended before it could tell.
	Earliest  float64 `json:"earliestMs,omitempty"`
	Latest    float64 `json:"latestMs,omitempty"`
	Tolerance float64 `json:"toleranceMs"` // granted on both sides
	Lag       float64 `json:"lagMs"`       // lag of the harness itself meanwhile, at worst
	Verdict   Verdict `json:"verdict"`
}
