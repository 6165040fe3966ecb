package explore

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode/utf8"
)

// form identifies a file with a conversation. The number is raised when a
// reader of the older form would misread the newer one.
const form = "imcheck conversation 1"

// File is a conversation in a file (docs/contracts.md, part C).
type File struct {
	Path         string
	Title        string   // what the conversation shows, in one sentence; "" when nobody has said so
	Requirements []string // IDs of those that it shows something of
	Seed         uint64   // that it was drawn with
	Expected     string   // when it was found
	Actual       string   // when it was found
	Steps        Conversation
}

// stepKeys lists what a step of each action has besides what it does, in the order in
// which files have it.
var stepKeys = map[Action][]string{
	Open:      {"conn", "on"},
	Login:     {"conn", "user", "claim", "code"},
	KeepAlive: {"conn", "user"},
	Echo:      {"conn", "user", "text"},
	Data:      {"conn", "user", "to", "text", "qos", "no", "typeu", "bridge"},
	Copy:      {"conn", "no"},
	ACK:       {"conn", "no"},
	Logout:    {"conn", "user"},
	Bytes:     {"conn", "text", "hex"},
	Close:     {"conn"},
	Push:      {"to", "text", "qos", "no"},
	Kick:      {"to", "code", "text"},
	Wait:      {"forMs"},
	Frame:     {"conn", "kind", "user", "text"},
	Handshake: {"kind"},
}

// alwaysWritten are keys whose zero means something.
var alwaysWritten = []string{"conn", "user", "to"}

// value returns the value of a step for a key of its file.
func (s Step) value(key string) any {
	switch key {
	case "conn":
		return s.Conn
	case "on":
		return s.On
	case "user":
		return s.User
	case "to":
		return s.To
	case "kind":
		return s.Kind
	case "claim":
		return string(s.Claim)
	case "code":
		return s.Code
	case "qos":
		return s.QoS
	case "typeu":
		return int(s.Type)
	case "bridge":
		return s.Over
	case "no":
		return s.No
	case "forMs":
		return float64(s.For) / float64(time.Millisecond)
	case "hex":
		if !utf8.ValidString(s.Text) {
			return hex.EncodeToString([]byte(s.Text))
		}
	case "text":
		if utf8.ValidString(s.Text) {
			return s.Text
		}
	}
	return ""
}

// WriteTo writes the file as JSON, one step a line.
func (f *File) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n \"form\": %s,\n", quoted(form))
	for _, text := range []struct{ key, value string }{{"title", f.Title}, {"expected", f.Expected}, {"actual", f.Actual}} {
		if text.value != "" {
			fmt.Fprintf(&b, " %s: %s,\n", quoted(text.key), quoted(text.value))
		}
	}
	if len(f.Requirements) > 0 {
		fmt.Fprintf(&b, " \"requirements\": %s,\n", quoted(f.Requirements))
	}
	if f.Seed > 0 {
		fmt.Fprintf(&b, " \"seed\": %d,\n", f.Seed)
	}
	b.WriteString(" \"steps\": [")
	for i, s := range f.Steps {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n  {\"do\": %s", quoted(s.Do))
		for _, key := range stepKeys[s.Do] {
			v := s.value(key)
			if slices.Contains(alwaysWritten, key) || v != "" && v != 0 && v != 0.0 && v != false {
				fmt.Fprintf(&b, ", %s: %s", quoted(key), quoted(v))
			}
		}
		b.WriteByte('}')
	}
	b.WriteString("\n ]\n}\n")
	return b.WriteTo(w)
}

// quoted is a value of a file in JSON.
func quoted(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		return []byte("null") // impossible: all of them are texts, numbers and lists of them
	}
	return text
}
