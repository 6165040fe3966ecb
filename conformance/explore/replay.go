package explore

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"imcheck/conformance/suite"
	"imcheck/harness/strictyaml"
	"imcheck/protocol/wire"
)

// Bounds of a conversation that is read from a file. A case has 10 minutes.
const (
	maxFileBytes = 1 << 20
	maxSteps     = 1000
	maxFileConns = 100
	maxTextBytes = 64 << 10
	maxWaits     = 5 * time.Minute // all of them together
)

// fileForm is a file as it is written.
type fileForm struct {
	Form         string     `yaml:"form"`
	Title        string     `yaml:"title"`
	Requirements []string   `yaml:"requirements"`
	Seed         uint64     `yaml:"seed"`
	Expected     string     `yaml:"expected"`
	Actual       string     `yaml:"actual"`
	Steps        []fileStep `yaml:"steps"`
}

// fileStep is a step as a file has it.
type fileStep struct {
	Do     Action  `yaml:"do"`
	Conn   int     `yaml:"conn"`
	On     string  `yaml:"on"`
	User   int     `yaml:"user"`
	To     int     `yaml:"to"`
	Kind   string  `yaml:"kind"`
	Claim  Claim   `yaml:"claim"`
	Code   int64   `yaml:"code"`
	QoS    bool    `yaml:"qos"`
	Type   int64   `yaml:"typeu"`
	Bridge bool    `yaml:"bridge"`
	No     int     `yaml:"no"`
	Text   string  `yaml:"text"`
	Hex    string  `yaml:"hex"`
	ForMs  float64 `yaml:"forMs"`
}

// ReadFile reads a file with a conversation. The error is a *strictyaml.FileError, which
// names the line and what is wrong there.
func ReadFile(path string) (*File, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxFileBytes {
		return nil, &strictyaml.FileError{Path: path, Reason: fmt.Sprintf("a conversation takes up to %d bytes, and this file has %d", maxFileBytes, info.Size())}
	}
	text, err := strictyaml.ReadFile(path, "the conversation")
	if err != nil {
		return nil, err
	}
	return parseFile(path, text)
}

func parseFile(path string, text []byte) (*File, error) {
	var read fileForm
	r, err := strictyaml.Read(path, text, &read, "a conversation has form, title, requirements, seed, expected, actual and steps, and docs/contracts.md says what a step has")
	if err != nil {
		return nil, err
	}
	if r.Root == nil {
		return nil, &strictyaml.FileError{Path: path, Reason: "the file is empty"}
	}
	c := fileChecker{Reader: r, opened: map[int]wire.Transport{}, closed: map[int]bool{}, half: map[int]bool{}, sent: map[int]bool{}}
	f := c.check(&read)
	if err := r.Err(); err != nil {
		return nil, err
	}
	return f, nil
}

// fileChecker makes a File of what was read, and refuses what cannot be played.
type fileChecker struct {
	*strictyaml.Reader
	opened map[int]wire.Transport
	closed map[int]bool
	half   map[int]bool // a part of a frame was the last that was sent
	sent   map[int]bool // numbers of messages
	waited time.Duration
}

func (c *fileChecker) check(read *fileForm) *File {
	f := &File{Path: c.Path, Title: read.Title, Requirements: read.Requirements, Seed: read.Seed, Expected: read.Expected, Actual: read.Actual}
	if read.Form != form {
		c.Reject(fmt.Errorf("%q is not a form that this program reads: it reads %q", read.Form, form), "form")
		return f
	}
	c.RejectEmpty()
	for i, id := range read.Requirements {
		if !slices.ContainsFunc(suite.Requirements(), func(r suite.Requirement) bool { return r.ID == id }) {
			c.Reject(fmt.Errorf("docs/protocol.md has no requirement %q", id), "requirements", strconv.Itoa(i))
		}
	}
	if n := len(read.Steps); n == 0 || n > maxSteps {
		c.Reject(fmt.Errorf("a conversation has 1 to %d steps, and this one %d", maxSteps, n), "steps")
		return f
	}
	for i := range read.Steps {
		s, err := read.Steps[i].step()
		if err == nil {
			err = c.keys(i, s.Do)
		}
		if err == nil {
			err = c.step(s)
		}
		if err != nil {
			c.RejectLine(c.lineOf(i), fmt.Sprintf("step %d: %v", i+1, err))
			return f
		}
		f.Steps = append(f.Steps, s)
	}
	return f
}

func (c *fileChecker) lineOf(step int) int {
	return strictyaml.LineOf(c.Root, "steps", strconv.Itoa(step))
}

// step converts a step, and checks each of its values for itself.
func (f *fileStep) step() (Step, error) {
	s := Step{
		Do: f.Do, Conn: f.Conn, On: f.On, User: f.User, To: f.To, Kind: f.Kind, Claim: f.Claim, Code: int(f.Code),
		QoS: f.QoS, Type: int32(f.Type), Over: f.Bridge, No: f.No, Text: f.Text,
	}
	bytes, err := hex.DecodeString(f.Hex)
	if len(bytes) > 0 {
		s.Text = string(bytes)
	}
	switch {
	case stepKeys[f.Do] == nil:
		return s, fmt.Errorf("do: there is no %q", f.Do)
	case f.Conn < 0 || f.Conn >= maxFileConns:
		return s, fmt.Errorf("conn: %d is not from 0 to %d", f.Conn, maxFileConns-1)
	case f.User < 0 || f.User >= users:
		return s, fmt.Errorf("user: %d is not from 0 to %d", f.User, users-1)
	case f.To < ToNobody || f.To >= users || f.To < 0 && f.Do != Data:
		return s, fmt.Errorf("to: %d is no user from 0 to %d, nor, for data, %d for the server or %d for nobody", f.To, users-1, ToServer, ToNobody)
	case !slices.Contains([]Claim{NoClaim, Own, Earlier, Later}, f.Claim):
		return s, fmt.Errorf("claim: %q is not own, earlier or later", f.Claim)
	case int64(int32(f.Code)) != f.Code || int64(int32(f.Type)) != f.Type:
		return s, errors.New("code and typeu are whole numbers of 32 bits")
	case f.No < 0 || f.No > maxSteps:
		return s, fmt.Errorf("no: %d is not from 1 to %d", f.No, maxSteps)
	case err != nil || f.Hex != "" && utf8.Valid(bytes):
		return s, errors.New("hex: it is for bytes that are not UTF-8, two digits each")
	case f.Text != "" && f.Hex != "":
		return s, errors.New("text and hex exclude each other")
	case len(s.Text) > maxTextBytes:
		return s, fmt.Errorf("text: %d bytes are more than %d", len(s.Text), maxTextBytes)
	case math.IsNaN(f.ForMs) || f.Do == Wait && (f.ForMs <= 0 || f.ForMs > float64(maxWaits.Milliseconds())):
		return s, fmt.Errorf("forMs: a wait takes over 0 and up to %d ms, and not %v", maxWaits.Milliseconds(), f.ForMs)
	}
	if f.Do == Wait {
		s.For = time.Duration(f.ForMs * float64(time.Millisecond))
	}
	return s, nil
}

// keys refuses what a step of its action does not have.
func (c *fileChecker) keys(step int, do Action) error {
	at := strconv.Itoa(step)
	for _, key := range []string{"conn", "on", "user", "to", "kind", "claim", "code", "qos", "typeu", "bridge", "no", "text", "hex", "forMs"} {
		if !slices.Contains(stepKeys[do], key) && strictyaml.Has(c.Root, "steps", at, key) {
			return fmt.Errorf("%s: it means nothing for %q", key, do)
		}
	}
	return nil
}

// step checks a step against those before it.
func (c *fileChecker) step(s Step) error {
	switch s.Do {
	case Open:
		on, err := wire.ParseTransport(s.On)
		if err != nil {
			return fmt.Errorf("on: %w", err)
		}
		if _, twice := c.opened[s.Conn]; twice {
			return fmt.Errorf("conn: connection %d is opened twice", s.Conn)
		}
		c.opened[s.Conn] = on
		return nil
	case Wait:
		if c.waited += s.For; c.waited > maxWaits {
			return fmt.Errorf("forMs: all waits together are longer than %v", maxWaits)
		}
		return nil
	case Push, Kick:
		c.sent[s.No] = true
		return nil
	case Handshake:
		if !slices.Contains(handshakeKinds, s.Kind) {
			return fmt.Errorf("kind: there is no request %q", s.Kind)
		}
		return nil
	}
	on, known := c.opened[s.Conn]
	switch {
	case !known:
		return fmt.Errorf("conn: connection %d has not been opened", s.Conn)
	case c.closed[s.Conn]:
		return fmt.Errorf("conn: connection %d has been closed", s.Conn)
	case c.half[s.Conn] && s.Do != Close:
		return fmt.Errorf("conn: on connection %d half a frame came last, so that anything more would be its rest", s.Conn)
	case s.Do == Frame && !slices.Contains(frameKinds[on], s.Kind):
		return fmt.Errorf("kind: %s has no frame %q", on, s.Kind)
	case (s.Do == Copy || s.Do == ACK) && (s.No == 0 || !c.sent[s.No]):
		return fmt.Errorf("no: there is no message %d before", s.No)
	}
	c.sent[s.No] = c.sent[s.No] || s.Do == Data
	c.half[s.Conn] = s.Do == Frame && s.Kind == halfFrame
	c.closed[s.Conn] = s.Do == Close
	return nil
}
