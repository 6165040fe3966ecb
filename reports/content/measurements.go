package content

import (
	"fmt"
	"strings"

	"imcheck/reports"
	"imcheck/reports/words"
)

// Window writes the bounds of a measurement, as one time when they are equal:
// "2.000–7.000 s", "7.000 s".
func Window(m reports.Measurement) string {
	if m.Lower == m.Upper {
		return words.Milliseconds(m.Lower)
	}
	if m.Upper >= 999.5 { // both in the same unit
		return fmt.Sprintf("%.3f–%.3f s", m.Lower/1000, m.Upper/1000)
	}
	return fmt.Sprintf("%s–%s ms", words.Trimmed(m.Lower), words.Trimmed(m.Upper))
}

// Drift writes how far a measurement is from the nearer bound, and on which side.
func Drift(m reports.Measurement) string {
	distance := m.Drift()
	switch {
	case distance == 0:
		return "on the bound"
	case distance < 0:
		return words.Milliseconds(-distance) + " inside"
	case m.Value < m.Lower:
		return words.Milliseconds(distance) + " early"
	}
	return words.Milliseconds(distance) + " late"
}

// MeasurementWords returns a measurement with its bounds, in a line.
func MeasurementWords(m reports.Measurement) string {
	return fmt.Sprintf("%s: %s, allowed %s ± %s: %s; harness lag %s",
		m.Name, words.Milliseconds(m.Value), Window(m), words.Milliseconds(m.Tolerance), Drift(m), words.Milliseconds(m.Lag))
}

// Quoted returns a requirement with its place in the project's documents, such as
// "docs/protocol.md#ws-ping: A WebSocket ping is answered by a pong."
func Quoted(r reports.Requirement) string { return r.Link() + ": " + r.Text }

// RequirementSource returns level and section of a requirement, such as "MUST, §3".
func RequirementSource(r reports.Result) string {
	if r.Section == "" {
		return string(r.Level)
	}
	return string(r.Level) + ", §" + strings.TrimPrefix(r.Section, "§")
}
