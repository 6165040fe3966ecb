package suite

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"imcheck/harness/strictyaml"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// ExpectedFailures lists the failures of a target that are known and tolerated for a
// while. The zero value expects none.
type ExpectedFailures struct {
	path    string
	entries []expectedFailure
}

// expectedFailure is one entry of the file. Every field but the transport is required:
// a failure without a reason, or without an end, is not known but forgotten.
type expectedFailure struct {
	Case      string `yaml:"case"`      // ID or glob
	Transport string `yaml:"transport"` // "" for all
	Reason    string `yaml:"reason"`
	Expires   string `yaml:"expires"` // the last day on which it holds, in UTC

	line    int // in the file
	expires time.Time
}

// ReadExpectedFailures reads a YAML list of entries. The error is a
// *strictyaml.FileError.
func ReadExpectedFailures(path string) (ExpectedFailures, error) {
	text, err := strictyaml.ReadFile(path, "the list of expected failures")
	if err != nil {
		return ExpectedFailures{}, err
	}
	return parseExpectedFailures(path, text)
}

func parseExpectedFailures(path string, text []byte) (ExpectedFailures, error) {
	list := ExpectedFailures{path: path}
	r, err := strictyaml.Read(path, text, &list.entries, "use case, transport, reason and expires")
	if err != nil {
		return ExpectedFailures{}, err
	}
	if r.Root == nil {
		return list, nil
	}
	for _, entry := range r.Root.Content {
		if entry.Kind != yaml.MappingNode { // the decoder drops what is empty
			r.RejectLine(entry.Line, "an entry needs a case, a reason and a day on which it expires")
			return ExpectedFailures{}, r.Err()
		}
	}
	for i := range list.entries {
		e := &list.entries[i]
		e.line = r.Root.Content[i].Line
		if reason := e.check(); reason != "" {
			r.RejectLine(e.line, reason)
		}
	}
	r.RejectEmpty()
	if err := r.Err(); err != nil {
		return ExpectedFailures{}, err
	}
	return list, nil
}

// check completes an entry, and returns what is wrong with it, or "".
func (e *expectedFailure) check() (reason string) {
	var err error
	e.expires, err = time.Parse(time.DateOnly, e.Expires)
	switch {
	case e.Case == "":
		return "an entry needs a case: an ID, or a glob such as qos/*"
	case strings.TrimSpace(e.Reason) == "":
		return "the entry for " + e.Case + " needs a reason"
	case err != nil:
		return fmt.Sprintf("the entry for %s needs a day on which it expires, as in expires: 2030-12-31; it has %q", e.Case, e.Expires)
	}
	if e.Transport == "" {
		return ""
	}
	kind, err := wire.ParseTransport(e.Transport)
	if err != nil {
		return fmt.Sprintf("the entry for %s has an %v, or leave it out for all", e.Case, err)
	}
	e.Transport = kind.String()
	return ""
}

func (e *expectedFailure) expired(now time.Time) bool { return !now.Before(e.expires.AddDate(0, 0, 1)) }

// matches reports whether the entry is about a case; it never is about an INFO case,
// which cannot fail.
func (e *expectedFailure) matches(c Case) bool {
	return c.Level.CanFail() && matchesAny([]string{e.Case}, c.ID)
}

func (e *expectedFailure) covers(item Item) bool {
	return e.matches(item.Case) && (e.Transport == "" || e.Transport == item.Transport.String())
}

// find returns the entry that expects an item to fail, or nil.
func (l *ExpectedFailures) find(item Item, now time.Time) *expectedFailure {
	for i := range l.entries {
		if e := &l.entries[i]; e.covers(item) && !e.expired(now) {
			return e
		}
	}
	return nil
}

// Covers reports whether an item is expected to fail.
func (l *ExpectedFailures) Covers(item Item, now time.Time) bool { return l.find(item, now) != nil }

// Apply changes the verdict of expected failures and warnings to an expected failure,
// and that of items that pass although they are expected to fail to an unexpected pass.
// When an item of a repeated run failed in any round, its passes stay passes.
func (l *ExpectedFailures) Apply(finished []Finished, now time.Time) {
	failed := map[string]bool{}
	for _, f := range finished {
		if isFailure(f.Result.Verdict) {
			failed[f.Item.Name()] = true
		}
	}
	for i := range finished {
		item, result := finished[i].Item, &finished[i].Result
		entry := l.find(item, now)
		switch {
		case entry == nil:
		case isFailure(result.Verdict):
			result.Verdict = reports.ExpectedFailure
			result.Reason = fmt.Sprintf("%s (expected until %s)", entry.Reason, entry.Expires)
		case result.Verdict == reports.Pass && !failed[item.Name()]:
			result.Verdict = reports.UnexpectedPass
			result.Reason = fmt.Sprintf("it passes, but %s:%d expects it to fail (%s): take it off that list", l.path, entry.line, entry.Reason)
		}
	}
}

func isFailure(v reports.Verdict) bool { return v == reports.Fail || v == reports.Warn }

// Problems describes the entries that no longer apply, in the order of the file: those
// that have expired, and those that match nothing that is run.
func (l *ExpectedFailures) Problems(catalogue []Case, selected []Item, now time.Time) (problems []string) {
	for i := range l.entries {
		e := &l.entries[i]
		problem := ""
		switch {
		case !slices.ContainsFunc(catalogue, e.matches):
			problem = "matches no case that can fail: take it off the list, or correct the case"
		case e.expired(now):
			problem = fmt.Sprintf("expired on %s: fix the cause (%s), or extend it", e.Expires, e.Reason)
		case !slices.ContainsFunc(selected, e.covers):
			problem = "is stale: none of its cases is selected to run on its transports"
		default:
			continue
		}
		problems = append(problems, fmt.Sprintf("%s:%d: the entry for %s %s", l.path, e.line, e.Case, problem))
	}
	return problems
}
