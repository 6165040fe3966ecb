package accounts

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxLine bounds the bytes of a line of JSON: three fields with every character escaped.
const maxLine = 6*(maxID+2*maxField) + 1024

// json reads an object a line.
func (p *parser) json(in *bufio.Reader) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	line := 0
	for lines.Scan() {
		line++
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		if !utf8.Valid(text) {
			p.reject(line, notUTF8)
			return
		}
		account, reason := readObject(text)
		if reason != "" {
			p.reject(line, reason)
			return
		}
		if !p.add(line, account) {
			return
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		p.reject(line+1, fmt.Sprintf("the line has more than %d bytes: use an object of its own for each account, each on a line", maxLine))
	} else if lines.Err() != nil {
		p.mistake = unreadable(p.list.path, lines.Err())
	}
}

const objectHelp = `each line has to be such as {"id": "u1", "token": "…", "extra": "…"}`

// readObject reads one account, and says what is wrong with its text. The decoder's own
// errors would show parts of a token.
func readObject(text []byte) (a Account, reason string) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if begin, err := decoder.Token(); err != nil || begin != json.Delim('{') {
		return a, "it is not a JSON object: " + objectHelp
	}
	given := map[string]bool{}
	for decoder.More() {
		key, err := decoder.Token()
		name, ok := key.(string)
		if err != nil || !ok {
			return a, "it is not JSON: " + objectHelp
		}
		into := map[string]*string{"id": &a.ID, "token": &a.Token, "extra": &a.Extra}[name]
		switch {
		case into == nil:
			return a, "it has a key that is not known: " + objectHelp
		case given[name]:
			return a, fmt.Sprintf("it has the key %q twice", name)
		}
		given[name] = true
		value, err := decoder.Token()
		if err != nil {
			return a, "it is not JSON: " + objectHelp
		}
		if *into, ok = value.(string); !ok {
			return a, fmt.Sprintf("%q has to be a text, in quotes", name)
		}
	}
	if _, err := decoder.Token(); err != nil {
		return a, "it is not JSON: " + objectHelp
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return a, "there is something after the object: " + objectHelp
	}
	return a, ""
}
