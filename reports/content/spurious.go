package content

import (
	"fmt"
	"math"
	"slices"

	"imcheck/reports"
	"imcheck/reports/words"
)

// SpuriousWords describes the copies of messages of one kind that came although they had
// been acknowledged; "" without any.
func SpuriousWords(m reports.Ledger) string {
	if m.Spurious == 0 {
		return ""
	}
	text := fmt.Sprintf("%s again %s or more after the ACK was out",
		words.Counted(m.Spurious, "copy of a "+string(m.Kind)+" message came", "copies of "+string(m.Kind)+" messages came"),
		words.RunTime(reports.SpuriousAfter.Milliseconds()))
	if m.Delivered > 0 {
		text += fmt.Sprintf(": %s of the %s delivered", Percentage(m.Spurious, m.Delivered), words.Grouped(m.Delivered))
	}
	if d := m.SpuriousDelay; d.MaxUs > 0 {
		text += fmt.Sprintf(", %s after it in the median and %s at most", words.Microseconds(d.P50Us), words.Microseconds(d.MaxUs))
	}
	switch m.SpuriousUDP {
	case 0:
	case m.Spurious:
		text += "; on UDP, where the path may have lost the ACK"
	default:
		text += fmt.Sprintf("; %s of them on UDP, where the path may have lost the ACK", words.Grouped(m.SpuriousUDP))
	}
	return text
}

// CalledLostWords describes the messages of one kind that a server called lost although they
// had been acknowledged; "" without any.
func CalledLostWords(m reports.Ledger) string {
	if m.CalledLost == 0 {
		return ""
	}
	return fmt.Sprintf("%s lost by the server, by its events, %s or more after the ACK was out",
		words.Counted(m.CalledLost, string(m.Kind)+" message was called", string(m.Kind)+" messages were called"),
		words.RunTime(reports.SpuriousAfter.Milliseconds()))
}

// UnheededWords lists what a server did with messages of all kinds although they had been
// acknowledged, each in a sentence.
func UnheededWords(messages []reports.Ledger) (texts []string) {
	for _, m := range messages {
		for _, text := range []string{SpuriousWords(m), CalledLostWords(m)} {
			if text != "" {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// HasSpurious reports whether any message came again although it had been acknowledged.
func HasSpurious(messages []reports.Ledger) bool {
	return slices.ContainsFunc(messages, func(m reports.Ledger) bool { return m.Spurious > 0 })
}

// Percentage writes a part of a whole, which is not 0, in percent with two digits after the
// point at most, such as "16.8 %".
func Percentage(part, whole int64) string {
	return words.Trimmed(math.Round(10_000*float64(part)/float64(whole))/100) + " %"
}
