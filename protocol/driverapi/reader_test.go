package driverapi_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"imcheck/protocol/driverapi"
)

func TestReader(t *testing.T) {
	const text = "{\"ev\":\"login\",\"code\":0}\r\n\n  \nrubbish\n{\"ev\":\"sent\",\"code\":3}"
	for name, r := range map[string]io.Reader{"at once": strings.NewReader(text), "byte by byte": iotest.OneByteReader(strings.NewReader(text))} {
		events := driverapi.NewEventReader(r)
		if e, err := events.Next(); err != nil || e.Kind != driverapi.EventLogin {
			t.Errorf("%s: got %v, %v", name, e, err)
		}
		_, err := events.Next()
		if rubbish, ok := errors.AsType[*driverapi.RubbishError](err); !ok || rubbish.Line != 4 || rubbish.Text != "rubbish" {
			t.Errorf("%s: got %v", name, err)
		}
		if e, err := events.Next(); err != nil || e.Code != 3 {
			t.Errorf("%s: got %v, %v", name, e, err)
		}
		if _, err := events.Next(); err != io.EOF {
			t.Errorf("%s: got %v at the end", name, err)
		}
	}
}

// endless repeats a text.
type endless struct {
	text string
	left string
}

func (e *endless) Read(b []byte) (n int, err error) {
	if e.left == "" {
		e.left = e.text
	}
	n = copy(b, e.left)
	e.left = e.left[n:]
	return n, nil
}

func repeated(text string) *endless { return &endless{text: text} }

func TestReaderIsBounded(t *testing.T) {
	events := driverapi.NewEventReader(repeated("x"))
	_, err := events.Next()
	if long, ok := errors.AsType[*driverapi.LineTooLongError](err); !ok || long.Line != 1 {
		t.Errorf("a line without an end: got %v", err)
	}
	var last error
	events = driverapi.NewEventReader(repeated("{\"ev\":\"sent\",\"code\":0}\n"))
	for range driverapi.MaxLines + 1 {
		_, last = events.Next()
	}
	if flood, ok := errors.AsType[*driverapi.FloodError](last); !ok || flood.Lines != driverapi.MaxLines+1 {
		t.Errorf("lines without an end: got %v", last)
	}
	long := strings.Repeat(" ", 1<<19) + "{\"ev\":\"sent\",\"code\":0}\n"
	events = driverapi.NewEventReader(repeated(long))
	count := 0
	for last = nil; last == nil; count++ {
		_, last = events.Next()
	}
	if flood, ok := errors.AsType[*driverapi.FloodError](last); !ok || flood.Bytes < driverapi.MaxBytes || count > driverapi.MaxBytes>>18 {
		t.Errorf("bytes without an end: got %v after %d", last, count)
	}
}

func TestReaderFails(t *testing.T) {
	broken := errors.New("the pipe is gone")
	if _, err := driverapi.NewCommandReader(iotest.ErrReader(broken)).Next(); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// Whatever is read is written again and read as the same.
func FuzzEvents(f *testing.F) {
	for _, seed := range []string{
		`{"ev":"ready","name":"n","version":"v","transports":["udp"],"senseModes":["3S"]}`, `{"ev":"message","from":"0","dataContent":"\u0000"}`,
		`{"ev":"lost","fps":[""]}`, `{"ev":"kickout","code":-5,"reason":null}`, `{"ev":"x"}`, `{`, "\n\n", "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		events := driverapi.NewEventReader(bytes.NewReader(text))
		for {
			e, err := events.Next()
			if _, rubbish := errors.AsType[*driverapi.RubbishError](err); rubbish {
				continue
			}
			if err != nil {
				return
			}
			if again, err := driverapi.ParseEvent([]byte(e.String())); err != nil || again.String() != e.String() {
				t.Fatalf("%q is read as %q, %v", e, again, err)
			}
		}
	})
}

func FuzzCommands(f *testing.F) {
	for _, seed := range []string{
		`{"do":"login","transport":"tcp","host":"h","port":1,"user":"","token":"","senseMode":"5S"}`, `{"do":"send","to":"","dataContent":"","qos":true}`, `{"do":"exit"}`, `{"do":0}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		c, err := driverapi.ParseCommand(line)
		if err != nil {
			return
		}
		if again, err := driverapi.ParseCommand(c.Append(nil)); err != nil || !reflect.DeepEqual(again, c) {
			t.Fatalf("%q is read as %+v, then as %+v, %v", line, c, again, err)
		}
	})
}
