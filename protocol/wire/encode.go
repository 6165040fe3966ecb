package wire

import "strconv"

// Append appends the message as a 6.x server encodes it (docs/protocol.md §1):
// fields in the fixed order, absent ones left out. It allocates only if b has to
// grow. Strings have to be valid UTF-8.
func (m Message) Append(b []byte) []byte {
	b = append(b, `{"bridge":`...)
	b = strconv.AppendBool(b, m.Bridge)
	b = append(b, `,"type":`...)
	b = strconv.AppendInt(b, int64(m.Type), 10)
	b = appendText(b, `,"dataContent":`, m.DataContent)
	b = appendText(b, `,"from":`, m.From)
	b = appendText(b, `,"to":`, m.To)
	b = appendText(b, `,"fp":`, m.Fingerprint)
	b = append(b, `,"QoS":`...)
	b = strconv.AppendBool(b, m.QoS)
	b = append(b, `,"typeu":`...)
	b = strconv.AppendInt(b, int64(m.UserType), 10)
	b = append(b, `,"sm":`...)
	b = strconv.AppendInt(b, m.ServerTime, 10)
	return append(b, '}')
}

// String returns the encoded message.
func (m Message) String() string { return string(m.Append(nil)) }

// appendText appends an optional string member; key includes the separator.
func appendText(b []byte, key string, t Text) []byte {
	if !t.present {
		return b
	}
	b = append(b, key...)
	return appendQuoted(b, t.value)
}

const hexDigits = "0123456789abcdef"

// appendQuoted appends s as a JSON string. Besides what JSON demands it
// escapes < > & = ' and the two line separators, as the observed server does.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	plain := 0 // start of the run that needs no escape
	for i := 0; i < len(s); {
		if harmless[s[i]] {
			i++
			continue
		}
		escape, width := escapeAt(s, i)
		if escape == 0 {
			i += width
			continue
		}
		b = append(b, s[plain:i]...)
		if escape < 0x80 {
			b = append(b, '\\', byte(escape))
		} else {
			r := escape &^ escapeAsUnicode
			b = append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
		}
		i += width
		plain = i
	}
	b = append(b, s[plain:]...)
	return append(b, '"')
}

// harmless marks the bytes that never begin an escape, which are most of any text.
var harmless = func() (table [256]bool) {
	for i := range table {
		escape, _ := escapeAt(string([]byte{byte(i)}), 0)
		table[i] = escape == 0 && i != 0xE2
	}
	return table
}()

// escapeAsUnicode marks an escape that is written as \u and four digits.
const escapeAsUnicode = 1 << 16

// escapeAt returns the escape of the character at s[i] and its size in bytes. The
// escape is 0 for none, a letter for a short one, else the code point with
// escapeAsUnicode set.
func escapeAt(s string, i int) (escape, width int) {
	switch c := s[i]; c {
	case '"', '\\':
		return int(c), 1
	case '\t':
		return 't', 1
	case '\b':
		return 'b', 1
	case '\n':
		return 'n', 1
	case '\r':
		return 'r', 1
	case '\f':
		return 'f', 1
	case '<', '>', '&', '=', '\'':
		return escapeAsUnicode | int(c), 1
	case 0xE2: // U+2028 and U+2029 are E2 80 A8 and E2 80 A9
		if i+2 < len(s) && s[i+1] == 0x80 && s[i+2]&^1 == 0xA8 {
			return escapeAsUnicode | 0x2000 | int(s[i+2]&0x3F), 3
		}
	default:
		if c < 0x20 {
			return escapeAsUnicode | int(c), 1
		}
	}
	return 0, 1
}
