// Package annotations writes the failures and warnings of runs as workflow commands of
// GitHub Actions, which shows them on the page of a workflow and beside a pull request.
package annotations

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"imcheck/reports/checks"
	"imcheck/reports/words"
)

const (
	// most bounds the annotations of a level: GitHub shows as many of a step.
	most = 10
	// maxLines and maxLength bound the evidence of an annotation, the latter in characters.
	maxLines  = 6
	maxLength = 1000
	// maxNames bounds the further names of an annotation.
	maxNames = 10
)

// Levels of annotations.
const (
	levelError   = "error"
	levelWarning = "warning"
)

// annotation is one command, about a check and those that ended in the same way.
type annotation struct {
	level  string
	name   string
	text   string
	others []string // names of further checks with the same message
}

// Write writes at most ten errors and ten warnings. A check that failed or was broken is
// an error; a warning, and one that is inconclusive, is a warning. Rounds of a case, and
// checks with the same message, share an annotation.
func Write(w io.Writer, runs ...checks.Run) error {
	var out bytes.Buffer
	for _, level := range []string{levelError, levelWarning} {
		for _, a := range bounded(annotationsOf(level, runs)) {
			a.write(&out)
		}
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write annotations: %w", err)
	}
	return nil
}

// levelOf returns the level of a check, "" for none.
func levelOf(c checks.Check) string {
	switch {
	case c.Status == checks.Failed, c.Status == checks.Broken:
		return levelError
	case c.Verdict == checks.VerdictInconclusive, c.Remark == "warning":
		return levelWarning
	}
	return ""
}

// annotationsOf lists the annotations of a level, failures before what is broken.
func annotationsOf(level string, runs []checks.Run) (all []annotation) {
	var found []checks.Check
	for _, run := range runs {
		for _, c := range run.Checks {
			if levelOf(c) == level {
				found = append(found, c)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b checks.Check) int { return cmp.Compare(a.Status, b.Status) })
	place := map[string]int{} // of the annotation, by item and by message
	for _, c := range found {
		item, message := "item "+c.Item, "message "+c.Message
		if _, known := place[item]; known {
			continue
		}
		if i, known := place[message]; known && c.Message != "" {
			all[i].others = append(all[i].others, c.Item)
			place[item] = i
			continue
		}
		place[item], place[message] = len(all), len(all)
		all = append(all, annotation{level: level, name: c.Item, text: textOf(c)})
	}
	return all
}

// textOf returns the message of a check, and below it the first lines of its evidence.
func textOf(c checks.Check) string {
	lines := []string{cmp.Or(c.Message, c.Verdict)}
	if c.Detail != "" {
		lines = append(lines, strings.Split(strings.TrimRight(c.Detail, "\n"), "\n")...)
	}
	return words.Clip(strings.Join(lines[:min(len(lines), maxLines)], "\n"), maxLength)
}

// bounded keeps the first annotations, and names the others in a last one.
func bounded(all []annotation) []annotation {
	if len(all) <= most {
		return all
	}
	last := annotation{level: all[0].level, name: fmt.Sprintf("%d more", len(all)-most+1), text: "The report has all of them."}
	for _, a := range all[most-1:] {
		last.others = append(last.others, a.name)
	}
	return append(all[:most-1:most-1], last)
}

// write writes the command.
func (a annotation) write(out *bytes.Buffer) {
	text := a.text
	if len(a.others) > 0 {
		text += "\nalso: " + strings.Join(a.others[:min(len(a.others), maxNames)], ", ")
		if more := len(a.others) - maxNames; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
	}
	fmt.Fprintf(out, "::%s title=%s::%s\n", a.level, property.Replace("imcheck: "+words.Printable(a.name)), data.Replace(printable(text)))
}

// printable is words.Printable for texts of several lines.
func printable(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = words.Printable(line)
	}
	return strings.Join(lines, "\n")
}

// The runner decodes these escapes: in the message, and in a property, where two more
// characters would end it.
var (
	data     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
