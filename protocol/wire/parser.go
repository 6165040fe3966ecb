package wire

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxNesting bounds how deep objects and arrays in unknown fields may nest, so
// that no message makes the decoder's stack grow without bound.
const maxNesting = 255

// valueKind is the syntax of a value.
type valueKind uint8

const (
	kindString   valueKind = iota // in quotes, or a bare word
	kindNumber                    // a bare word that starts like a number
	kindBool                      // true or false, in any case
	kindNull                      // null, in any case
	kindCompound                  // an object or an array: its content is skipped
)

// value is one JSON value; text is that of a scalar, without quotes and escapes.
type value struct {
	kind valueKind
	text string
}

// parser reads one JSON object, as leniently as the observed server: names
// need no quotes, quotes may be single, scalars convert into each other. It
// reads a string so that values can be parts of it, without a copy each.
type parser struct {
	s       string
	i       int
	started bool // a member has been read, so a comma is due
}

// newParser copies text once; everything that is read shares that copy.
func newParser(text []byte) parser { return parser{s: validUTF8(text)} }

// validUTF8 copies b, with U+FFFD for each byte that is not UTF-8 (§1).
func validUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var out strings.Builder
	for len(b) > 0 {
		r, width := utf8.DecodeRune(b)
		out.WriteRune(r)
		b = b[width:]
	}
	return out.String()
}

func (p *parser) fail(reason string) error { return &SyntaxError{p.i, reason} }

// skipSpace skips white space and returns the next byte without taking it, 0 at
// the end.
func (p *parser) skipSpace() byte {
	for ; p.i < len(p.s); p.i++ {
		switch c := p.s[p.i]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// object reads the text as one object with nothing after it (§1: trailing text is
// an error), and hands every member to set.
func (p *parser) object(set func(name string, v value) error) error {
	if p.skipSpace() != '{' {
		return p.fail("expected an object")
	}
	p.i++
	for {
		name, v, more, err := p.member()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if err := set(name, v); err != nil {
			return err
		}
	}
	if p.skipSpace(); p.i < len(p.s) {
		return p.fail("text after the object")
	}
	return nil
}

// member reads the next name and value; more is false at the closing brace.
func (p *parser) member() (name string, v value, more bool, err error) {
	c := p.skipSpace()
	if c == '}' {
		p.i++
		return "", value{}, false, nil
	}
	if p.started {
		if c != ',' {
			return "", value{}, false, p.fail("expected a comma or the end of the object")
		}
		p.i++
		p.skipSpace()
	}
	p.started = true
	if name, err = p.name(); err != nil {
		return "", value{}, false, err
	}
	if p.skipSpace() != ':' {
		return "", value{}, false, p.fail("expected a colon after a name")
	}
	p.i++
	v, err = p.value(0)
	return name, v, true, err
}

func (p *parser) name() (string, error) {
	if p.i < len(p.s) && (p.s[p.i] == '"' || p.s[p.i] == '\'') {
		return p.quoted()
	}
	word := p.bareWord()
	if word == "" {
		return "", p.fail("expected a name")
	}
	return word, nil
}

func (p *parser) value(depth int) (value, error) {
	switch c := p.skipSpace(); c {
	case '"', '\'':
		text, err := p.quoted()
		return value{kindString, text}, err
	case '{', '[':
		return value{kind: kindCompound}, p.compound(c, depth)
	}
	word := p.bareWord()
	switch {
	case word == "":
		return value{}, p.fail("expected a value")
	case strings.EqualFold(word, "null"):
		return value{kind: kindNull}, nil
	case strings.EqualFold(word, "true"), strings.EqualFold(word, "false"):
		return value{kindBool, strings.ToLower(word)}, nil
	case word[0] == '-' || '0' <= word[0] && word[0] <= '9':
		return value{kindNumber, word}, nil
	}
	return value{kindString, word}, nil
}

// compound skips an object or array that belongs to an unknown field.
func (p *parser) compound(open byte, depth int) error {
	if depth >= maxNesting {
		return p.fail("nested too deep")
	}
	p.i++
	closing := open + 2 // in ASCII, '}' is '{'+2 and ']' is '['+2
	for first := true; ; first = false {
		c := p.skipSpace()
		if c == closing {
			p.i++
			return nil
		}
		if !first {
			if c != ',' {
				return p.fail("expected a comma in a nested value")
			}
			p.i++
			p.skipSpace()
		}
		if open == '{' {
			if _, err := p.name(); err != nil {
				return err
			}
			if p.skipSpace() != ':' {
				return p.fail("expected a colon after a name")
			}
			p.i++
		}
		if _, err := p.value(depth + 1); err != nil {
			return err
		}
	}
}

// bareWord reads a name or value without quotes; it returns "" if there is none.
func (p *parser) bareWord() string {
	start := p.i
	for ; p.i < len(p.s); p.i++ {
		switch p.s[p.i] {
		case '/', '\\', ';', '#', '=', '{', '}', '[', ']', ':', ',', ' ', '\t', '\f', '\r', '\n', '"', '\'', 0:
			return p.s[start:p.i]
		}
	}
	return p.s[start:]
}

// quoted reads a string in quotes of either kind. Without an escape the result
// shares the memory of the text, else it is a copy.
func (p *parser) quoted() (string, error) {
	quote := p.s[p.i]
	p.i++
	start, escaped := p.i, false
	if end := strings.IndexByte(p.s[start:], quote); end >= 0 && strings.IndexByte(p.s[start:start+end], '\\') < 0 {
		p.i += end + 1
		return p.s[start : start+end], nil
	}
	for p.i < len(p.s) && p.s[p.i] != quote {
		if p.s[p.i] == '\\' {
			escaped = true
			p.i++ // what follows does not end the string
		}
		p.i++
	}
	if p.i >= len(p.s) {
		p.i = len(p.s)
		return "", p.fail("unterminated string")
	}
	end := p.i
	p.i++
	if !escaped {
		return p.s[start:end], nil
	}
	return p.unescape(start, end)
}

// unescape copies the inside of a string that has escapes. The copy is never
// longer than the original, so that no message makes the decoder allocate much more
// than its own size.
func (p *parser) unescape(start, end int) (string, error) {
	var out strings.Builder
	out.Grow(end - start)
	for p.i = start; p.i < end; {
		if p.s[p.i] == '\\' {
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			out.WriteRune(r)
			continue
		}
		plain := strings.IndexByte(p.s[p.i:end], '\\')
		if plain < 0 {
			plain = end - p.i
		}
		out.WriteString(p.s[p.i : p.i+plain])
		p.i += plain
	}
	p.i = end + 1 // past the closing quote
	return out.String(), nil
}

// escape reads one escape sequence and returns its character. quoted has found the
// closing quote already, so a character follows the backslash.
func (p *parser) escape() (rune, error) {
	c := p.s[p.i+1]
	p.i += 2
	switch c {
	case 'u':
		return p.unicodeEscape()
	case 't':
		return '\t', nil
	case 'b':
		return '\b', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 'f':
		return '\f', nil
	case '\n', '\'', '"', '\\', '/':
		return rune(c), nil
	}
	return 0, p.fail("unknown escape")
}

// unicodeEscape reads the digits after \u, and those of the second half of a
// surrogate pair after the first. A single half becomes U+FFFD.
func (p *parser) unicodeEscape() (rune, error) {
	r, err := p.hex4()
	if err != nil || r < 0xD800 || r > 0xDBFF {
		return r, err
	}
	if !strings.HasPrefix(p.s[p.i:], `\u`) {
		return utf8.RuneError, nil
	}
	before := p.i
	p.i += 2
	low, err := p.hex4()
	if err != nil {
		return 0, err
	}
	if low < 0xDC00 || low > 0xDFFF {
		p.i = before
		return utf8.RuneError, nil
	}
	return (r-0xD800)<<10 + (low - 0xDC00) + 0x10000, nil
}

func (p *parser) hex4() (rune, error) {
	if p.i+4 > len(p.s) {
		return 0, p.fail("unterminated escape")
	}
	n, err := strconv.ParseUint(p.s[p.i:p.i+4], 16, 16)
	if err != nil {
		return 0, p.fail("bad digits in an escape")
	}
	p.i += 4
	return rune(n), nil
}
