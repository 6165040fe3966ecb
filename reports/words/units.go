// Package words writes numbers, times, amounts and texts of others as a reader
// is to see them. It knows of no report, so that all packages of reports can use it.
package words

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Grouped writes a number with a comma at every third digit.
func Grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Microseconds writes a latency with three significant digits in µs, ms or s.
func Microseconds(us int64) string {
	switch v := math.Abs(float64(us)); {
	case v < 1000:
		return fmt.Sprintf("%d µs", us)
	case v < 999_500: // from here on 1000 ms would be shown, which is a second
		return threeDigits(float64(us)/1e3) + " ms"
	}
	return threeDigits(float64(us)/1e6) + " s"
}

// threeDigits keeps as many decimals as three significant digits need.
func threeDigits(v float64) string {
	decimals := 0
	switch a := math.Abs(v); {
	case a < 9.995:
		decimals = 2
	case a < 99.95:
		decimals = 1
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// Milliseconds writes a protocol time: from a second on with its milliseconds,
// below with three significant digits.
func Milliseconds(ms float64) string {
	switch {
	case ms == 0:
		return "0 ms"
	case math.Abs(ms) >= 999.5:
		return strconv.FormatFloat(ms/1000, 'f', 3, 64) + " s"
	}
	return threeDigits(ms) + " ms"
}

// Seconds writes a moment of a run or of a transcript.
func Seconds(ms float64) string { return fmt.Sprintf("%.3f s", ms/1000) }

// Trimmed writes a number with at most two decimals and no zeros at their end.
func Trimmed(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
}

// RunTime writes how long a run took.
func RunTime(ms int64) string {
	switch seconds := ms / 1000; {
	case ms < 1000:
		return fmt.Sprintf("%d ms", ms)
	case seconds < 60:
		return fmt.Sprintf("%d.%d s", seconds, ms%1000/100)
	case seconds < 3600:
		return fmt.Sprintf("%d min %d s", seconds/60, seconds%60)
	default:
		return fmt.Sprintf("%d h %d min", seconds/3600, seconds%3600/60)
	}
}

// ByteSize writes an amount of memory in binary units.
func ByteSize(n int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB"}
	v := float64(n)
	i := 0
	for ; math.Abs(v) >= 999.5 && i < len(units)-1; i++ {
		v /= 1024
	}
	if i == 0 {
		return Counted(n, "byte", "bytes")
	}
	return threeDigits(v) + " " + units[i]
}

// CommandLine writes a command so that a POSIX shell reads the same words.
func CommandLine(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = shellWord(word)
	}
	return strings.Join(quoted, " ")
}

func shellWord(word string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_=./:,+@%", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Counted puts a number before a noun.
func Counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Grouped(n) + " " + many
}

// Signed writes a difference with its sign.
func Signed(ms float64) string {
	if ms > 0 {
		return "+" + Milliseconds(ms)
	}
	return Milliseconds(ms)
}

// Dashed returns a text, or a dash in place of an empty one.
func Dashed(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// UTC writes a time to the second.
func UTC(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
