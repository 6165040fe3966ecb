package accounts

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// columns are those that a header may have, in the order of the fields of an account.
var columns = []string{fieldID: "id", fieldToken: "token", fieldExtra: "extra"}

// csv reads a table with a header.
func (p *parser) csv(in *bufio.Reader) {
	rows := csv.NewReader(in)
	rows.Comma = separator(in)
	rows.FieldsPerRecord = -1 // counted below, in words of its own
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		p.rejectCSV(err)
		return
	}
	header = slices.Clone(header)
	order, reason := readHeader(header)
	if reason != "" {
		line, _ := rows.FieldPos(0)
		p.reject(line, reason)
		return
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			p.rejectCSV(err)
			return
		}
		line, _ := rows.FieldPos(0)
		if isBlank(row) {
			continue // as spreadsheets write below the last one
		}
		if len(row) != len(header) {
			p.reject(line, fmt.Sprintf("%d fields, and the header has %d: a text with a %q in it needs quotes around it", len(row), len(header), rows.Comma))
			return
		}
		var texts [fields]string
		for i, field := range order {
			texts[field] = row[i]
		}
		if !p.add(line, Account{texts[fieldID], texts[fieldToken], texts[fieldExtra]}) {
			return
		}
	}
}

// separator is the one of comma, semicolon and tab that the header has: spreadsheets
// write that of their language.
func separator(in *bufio.Reader) rune {
	start, _ := in.Peek(1 << 10)
	header, _, _ := bytes.Cut(bytes.TrimLeft(start, "\r\n"), []byte("\n"))
	for _, one := range ",;\t" {
		if bytes.ContainsRune(header, one) {
			return one
		}
	}
	return ','
}

// readHeader returns the field of each column, and what is wrong with the header.
func readHeader(header []string) (order []int, reason string) {
	for _, name := range header {
		field := slices.Index(columns, strings.ToLower(strings.TrimSpace(name)))
		if field < 0 {
			return nil, "the header has a column that is not known: use id, token and, where the server looks at it, extra"
		}
		if slices.Contains(order, field) {
			return nil, fmt.Sprintf("the header has the column %s twice", columns[field])
		}
		order = append(order, field)
	}
	for _, needed := range []int{fieldID, fieldToken} {
		if !slices.Contains(order, needed) {
			return nil, fmt.Sprintf("the header has no column %s: the first line has to be such as id,token,extra", columns[needed])
		}
	}
	return order, ""
}

func isBlank(row []string) bool {
	return !slices.ContainsFunc(row, func(field string) bool { return field != "" })
}

// rejectCSV names the line of a mistake in the quotes of a file.
func (p *parser) rejectCSV(err error) {
	wrong, ok := errors.AsType[*csv.ParseError](err)
	switch {
	case errors.Is(err, io.EOF):
		p.reject(0, "it is empty: the first line has to be such as id,token,extra")
	case !ok:
		p.mistake = unreadable(p.list.path, err)
	case errors.Is(err, csv.ErrQuote):
		p.reject(wrong.StartLine, "the quotes are wrong: one within a quoted text is written twice, and one that begins has to end")
	case errors.Is(err, csv.ErrBareQuote):
		p.reject(wrong.Line, "there is a quote in a text that does not begin with one: put the text into quotes, and write those in it twice")
	default:
		p.reject(wrong.Line, "it is not CSV")
	}
}
