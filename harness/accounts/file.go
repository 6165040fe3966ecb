package accounts

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"imcheck/harness/strictyaml"
	"imcheck/protocol/wire"
)

// Bounds of a file of accounts.
const (
	maxFile  = 2 << 30    // bytes
	maxRows  = 10_000_000 // accounts
	maxID    = 1 << 10    // bytes of a user ID
	maxField = 32 << 10   // bytes of a token, and of an extra
)

// byteOrderMark comes before UTF-8 in the files of spreadsheets.
const byteOrderMark = "\ufeff"

// ReadFile reads a file of accounts: CSV with a header, or a JSON object a line. The
// error is a *strictyaml.FileError; it has no token and no extra.
func ReadFile(path string) (*List, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer file.Close()
	return Parse(path, file)
}

func unreadable(path string, err error) error {
	cause := cmp.Or(errors.Unwrap(err), err) // without the path, which comes before it
	return &strictyaml.FileError{Path: path, Reason: fmt.Sprintf("the users cannot be read: %v", cause), Err: err}
}

// Parse is ReadFile for an open file; path is what errors call it.
func Parse(path string, file io.Reader) (*List, error) {
	limited := &io.LimitedReader{R: file, N: maxFile}
	p := &parser{list: &List{path: path}}
	in := bufio.NewReaderSize(limited, 64<<10)
	if start, _ := in.Peek(len(byteOrderMark)); string(start) == byteOrderMark {
		_, _ = in.Discard(len(byteOrderMark)) // it was just peeked
	} else if bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")) {
		return nil, p.reject(1, "the file is UTF-16: save it as UTF-8 (in a spreadsheet \"CSV UTF-8\")")
	}
	if isJSON(in) {
		p.json(in)
	} else {
		p.csv(in)
	}
	if p.mistake == nil && limited.N == 0 {
		p.reject(0, fmt.Sprintf("it is larger than %d GiB: divide it", maxFile>>30))
	}
	if p.mistake == nil && p.list.Count() == 0 {
		p.reject(0, "there is no account in it: each needs a row with id and token")
	}
	if p.mistake != nil {
		return nil, p.mistake
	}
	p.list.text = p.text.String()
	if first, again, ok := p.list.repeated(); ok {
		return nil, p.reject(int(p.lines[again]), fmt.Sprintf("the id %s was given on line %d already: each account once", quoted(p.list.ID(again)), p.lines[first]))
	}
	return p.list, nil
}

// isJSON reports whether the first character is the beginning of an object.
func isJSON(in *bufio.Reader) bool {
	start, _ := in.Peek(in.Size())
	start = bytes.TrimLeft(start, " \t\r\n")
	return len(start) > 0 && start[0] == '{'
}

// parser puts the rows of a file into a list.
type parser struct {
	list    *List
	text    strings.Builder // of the list
	widest  int             // bytes of the longest ID in a message
	lines   []uint32        // of the accounts
	mistake error
}

func (p *parser) reject(line int, reason string) error {
	if p.mistake == nil {
		p.mistake = &strictyaml.FileError{Path: p.list.path, Line: line, Reason: reason}
	}
	return p.mistake
}

// add keeps an account that is good; more is false when the rest is not of interest.
func (p *parser) add(line int, a Account) (more bool) {
	if fault := faultOf(a); fault != "" {
		p.reject(line, fault)
		return false
	}
	if p.list.Count() == maxRows {
		p.reject(line, fmt.Sprintf("there are more than %d accounts: divide the file", maxRows))
		return false
	}
	if int64(p.text.Len())+int64(len(a.ID)+len(a.Token)+len(a.Extra)) > maxFile {
		p.reject(line, fmt.Sprintf("the accounts have more than %d GiB: divide the file", maxFile>>30))
		return false
	}
	for _, text := range []string{a.ID, a.Token, a.Extra} {
		p.text.WriteString(text)
		p.list.ends = append(p.list.ends, uint32(p.text.Len()))
	}
	if width := len(inMessage(a.ID)); width > p.widest {
		p.widest, p.list.longest = width, a.ID
	}
	p.lines = append(p.lines, uint32(line))
	return true
}

const notUTF8 = "it is not UTF-8: save the file as UTF-8"

// faultOf returns what is wrong with an account, "" for nothing. It shows the ID only.
func faultOf(a Account) string {
	switch {
	case a.ID == "":
		return "there is no id"
	case a.Token == "":
		return "the account " + quoted(a.ID) + " has no token"
	case a.ID == wire.ServerID:
		return "the id " + quoted(a.ID) + " is that of the server"
	case !utf8.ValidString(a.ID) || !utf8.ValidString(a.Token) || !utf8.ValidString(a.Extra):
		return notUTF8
	case strings.ContainsFunc(a.ID, unicode.IsControl):
		return "the id " + quoted(a.ID) + " has a control character in it"
	case strings.TrimSpace(a.ID) != a.ID:
		return "the id " + quoted(a.ID) + " has spaces around it"
	case len(a.ID) > maxID:
		return fmt.Sprintf("the id has %d bytes: at most %d", len(a.ID), maxID)
	case len(a.Token) > maxField:
		return fmt.Sprintf("the token has %d bytes: at most %d", len(a.Token), maxField)
	case len(a.Extra) > maxField:
		return fmt.Sprintf("the extra has %d bytes: at most %d", len(a.Extra), maxField)
	}
	return ""
}

// quoted shows an ID, or the beginning of a long one.
func quoted(id string) string {
	const most = 64
	if len(id) > most {
		return fmt.Sprintf("%q…", id[:most])
	}
	return fmt.Sprintf("%q", id)
}
