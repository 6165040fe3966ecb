package fuzz

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// memberMutation changes the members of a message.
type memberMutation struct {
	name   string
	mutate func(r *rand.Rand, o object) object
}

// textMutation changes the JSON text of a message.
type textMutation struct {
	name   string
	mutate func(r *rand.Rand, text []byte) []byte
}

// oddValues are JSON values, and texts that are none, which stand where another value
// belongs.
var oddValues = []string{
	`null`, `true`, `false`, `""`, `" "`, `"x"`, `[]`, `{}`, `[null]`, `{"a":{"b":{}}}`,
	`0`, `-0`, `-1`, `1e5`, `0.5`, `1e400`, `-1e-400`, `2147483647`, `2147483648`, `-2147483649`, `9223372036854775807`, `9223372036854775808`,
	`99999999999999999999999999999999999999`, `00012`, `+1`, `.5`, `5.`, `0x10`, `NaN`, `Infinity`, `1_000`, `"5"`, `"1e3"`, `" 5 "`, `"0x10"`,
	`"\ud800"`, `"\udc00\ud800"`, `"\u0000"`, `"\uFFFF"`, "\"\xff\xfe\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"a\x00b\"", "\"a\nb\"", `"\x41"`, `"\`, `"\u12`, `'x'`, `x`, `"a" "b"`, ``,
	`/*x*/1`, `"\u202e\u2028"`, `"<script>&'="`,
}

// types are values of the field type, known, reserved and beyond 32 bits.
var types = []string{
	"-1", "0", "1", "2", "3", "4", "5", "6", "49", "50", "51", "52", "53", "54", "55", "255", "256", "65536", "2147483647", "2147483648", "-2147483648", "4294967296", "2.0", "2.5", `"2"`,
}

// valueMutations change the members themselves, those of a content too.
var valueMutations = []memberMutation{
	{"field left out", func(r *rand.Rand, o object) object {
		at := r.IntN(len(o))
		return slices.Delete(slices.Clone(o), at, at+1)
	}},
	{"field twice", func(r *rand.Rand, o object) object {
		return slices.Insert(slices.Clone(o), r.IntN(len(o)+1), member{pick(r, o).name, pick(r, oddValues)})
	}},
	{"null field", func(r *rand.Rand, o object) object { return withValue(r, o, "null") }},
	{"odd value", func(r *rand.Rand, o object) object { return withValue(r, o, pick(r, oddValues)) }},
	{"many odd values", func(r *rand.Rand, o object) object {
		for range 4 {
			o = withValue(r, o, pick(r, oddValues))
		}
		return o
	}},
	{"deep value", func(r *rand.Rand, o object) object { return withValue(r, o, deep(r)) }},
	{"long text", func(r *rand.Rand, o object) object { return withValue(r, o, quoted(longText(r))) }},
	{"long number", func(r *rand.Rand, o object) object {
		return withValue(r, o, strings.Repeat(pick(r, []string{"1", "9", "0"}), pick(r, lengths)))
	}},
	{"other type", func(r *rand.Rand, o object) object { return o.set("type", pick(r, types)) }},
}

var memberMutations = append(slices.Clone(valueMutations), []memberMutation{
	{"message in a message", func(r *rand.Rand, o object) object {
		for range 1 + r.IntN(5) { // the escapes double each time
			o = objectOf(pick(r, messages)(r)).set("dataContent", quoted(string(o.text())))
		}
		return o
	}},
	{"object as content", func(r *rand.Rand, o object) object { return o.set("dataContent", string(o.text())) }},
	{"odd content", func(r *rand.Rand, o object) object {
		if inner := parseObject([]byte(o.content())); len(inner) > 0 {
			return o.set("dataContent", quoted(string(pick(r, valueMutations).mutate(r, inner).text())))
		}
		return o.set("dataContent", quoted(pick(r, oddValues)))
	}},
	{"name in another case", func(r *rand.Rand, o object) object {
		o = slices.Clone(o)
		m := &o[r.IntN(len(o))]
		m.name = pick(r, []string{strings.ToUpper(m.name), strings.ToLower(m.name), strings.Trim(m.name, `"`), `"\u0074ype"`, `""`, `null`, `1`})
		return o
	}},
	{"unknown fields", func(r *rand.Rand, o object) object {
		for range pick(r, []int{1, 5, 200}) {
			o = append(slices.Clip(o), member{quoted("x" + strconv.Itoa(r.IntN(1000))), pick(r, oddValues)})
		}
		return o
	}},
	{"long name", func(r *rand.Rand, o object) object {
		return append(slices.Clip(o), member{quoted(longText(r)), "1"})
	}},
	{"other order", func(r *rand.Rand, o object) object {
		o = slices.Clone(o)
		r.Shuffle(len(o), func(i, j int) { o[i], o[j] = o[j], o[i] })
		return o
	}},
	{"other sender or receiver", func(r *rand.Rand, o object) object {
		return o.set(pick(r, []string{"from", "to"}), pick(r, []string{quoted(stranger(r)), `"0"`, `"-1"`, `""`, `0`, quoted(longText(r)), `"*"`, `"%s%n"`, `"../../x"`}))
	}},
}...)

func withValue(r *rand.Rand, o object, value string) object {
	o = slices.Clone(o)
	o[r.IntN(len(o))].value = value
	return o
}

// lengths are around the limits of docs/protocol.md §2.
var lengths = []int{100, 1900, 2048, 2049, 6000, 6144, 6145, 60_000, 65_500, 65_536, 65_537}

func longText(r *rand.Rand) string {
	return strings.Repeat(pick(r, []string{"x", "ü", "<", `"`, "\\", "\x00"}), pick(r, lengths))
}

// depths of nested values; the deepest fits into no more than a WebSocket frame.
var depths = []int{20, 200, 900, 2000, 5900, 30_000, 65_000}

// deep is a value in many brackets, which may not all be closed.
func deep(r *rand.Rand) string {
	depth := pick(r, depths)
	if chance(r, 2) {
		return strings.Repeat("[", depth) + strings.Repeat("]", pick(r, []int{0, depth - 1, depth, depth + 1}))
	}
	return strings.Repeat(`{"a":`, depth/4) + "1" + strings.Repeat("}", pick(r, []int{0, depth / 4}))
}

var textMutations = []textMutation{
	{"text after the object", func(r *rand.Rand, text []byte) []byte {
		return append(slices.Clip(text), pick(r, []string{" ", "\n", "x", "}", "{}", ",", "\x00", string(text)})...)
	}},
	{"text before the object", func(r *rand.Rand, text []byte) []byte {
		return append([]byte(pick(r, []string{"\ufeff", " \t\r\n", "x", "{", "//x\n", "/*", ")]}'\n", "\x00"})), text...)
	}},
	{"in an array", func(r *rand.Rand, text []byte) []byte {
		all := bytes.Repeat(append(slices.Clip(text), ','), pick(r, []int{1, 2, 100}))
		return append(append([]byte{'['}, all[:len(all)-1]...), ']')
	}},
	{"no object", func(r *rand.Rand, _ []byte) []byte { return []byte(pick(r, oddValues)) }},
	{"nothing", func(*rand.Rand, []byte) []byte { return nil }},
	{"brackets", func(r *rand.Rand, _ []byte) []byte { return []byte(deep(r)) }},
	{"not closed", func(r *rand.Rand, text []byte) []byte { return text[:r.IntN(len(text))] }},
	{"comments", func(_ *rand.Rand, text []byte) []byte {
		return bytes.ReplaceAll(text, []byte(","), []byte(",/* x */ // y\n"))
	}},
	{"single quotes", func(_ *rand.Rand, text []byte) []byte { return bytes.ReplaceAll(text, []byte(`"`), []byte("'")) }},
	{"invalid UTF-8", func(r *rand.Rand, text []byte) []byte {
		bad := pick(r, []string{"\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc0\xaf", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80"})
		return slices.Insert(slices.Clone(text), r.IntN(len(text)+1), []byte(bad)...)
	}},
	{"UTF-16", func(r *rand.Rand, text []byte) []byte {
		b := []byte{0xfe, 0xff}
		for _, unit := range utf16.Encode([]rune(string(text))) {
			b = binary.BigEndian.AppendUint16(b, unit)
		}
		return b[2*r.IntN(2):]
	}},
	{"blanks", func(r *rand.Rand, _ []byte) []byte { return bytes.Repeat([]byte(" "), pick(r, lengths)) }},
}
