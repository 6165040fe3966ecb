package content

import (
	"imcheck/reports"
	"imcheck/reports/words"
)

// ExportWords describes what became of the figures that were sent to each receiver.
func ExportWords(exports []reports.Export) (all []string) {
	for _, e := range exports {
		text := "figures by " + e.Protocol + " to " + e.To + ": " + words.Counted(e.Sent, "export", "exports") + " taken"
		if e.Failed > 0 {
			text += ", " + words.Grouped(e.Failed) + " not (the latest: " + e.Error + ")"
		}
		if e.Skipped > 0 {
			text += ", " + words.Grouped(e.Skipped) + " left out as the receiver was slow"
		}
		if !e.End {
			text += "; the figures of the end did not get there"
		}
		all = append(all, text)
	}
	return all
}
