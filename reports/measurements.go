package reports

import (
	"fmt"
	"strings"
)

// window writes the bounds of a measurement, as one time when they are equal.
func window(m Measurement) string {
	if m.Lower == m.Upper {
		return milliseconds(m.Lower)
	}
	if m.Upper >= 999.5 { // both in the same unit
		return fmt.Sprintf("%.3f–%.3f s", m.Lower/1000, m.Upper/1000)
	}
	return fmt.Sprintf("%s–%s ms", trimmed(m.Lower), trimmed(m.Upper))
}

// drift writes how far a measurement is from the nearer bound, and on which side.
func drift(m Measurement) string {
	distance := m.Drift()
	switch {
	case distance == 0:
		return "on the bound"
	case distance < 0:
		return milliseconds(-distance) + " inside"
	case m.Value < m.Lower:
		return milliseconds(distance) + " early"
	}
	return milliseconds(distance) + " late"
}

func measurementWords(m Measurement) string {
	return fmt.Sprintf("%s: %s, allowed %s ± %s: %s; harness lag %s",
		m.Name, milliseconds(m.Value), window(m), milliseconds(m.Tolerance), drift(m), milliseconds(m.Lag))
}

// requirementSource is where a requirement comes from, such as "MUST, §3".
func requirementSource(r Result) string {
	if r.Section == "" {
		return r.Level
	}
	return r.Level + ", §" + strings.TrimPrefix(r.Section, "§")
}
