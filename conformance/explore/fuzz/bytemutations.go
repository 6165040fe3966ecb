package fuzz

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// byteMutation changes bytes without knowing what they mean. They are not empty; other is
// what it may splice in.
type byteMutation struct {
	name   string
	mutate func(r *rand.Rand, b, other []byte) []byte
}

// edges are numbers at which parsers go wrong.
var edges = []uint32{0, 1, 0x7f, 0x80, 0xff, 0x100, 0x1800, 0x1801, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff}

var byteMutations = []byteMutation{
	{"bit flipped", func(r *rand.Rand, b, _ []byte) []byte {
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		return b
	}},
	{"bits flipped", func(r *rand.Rand, b, _ []byte) []byte {
		for range 1 + len(b)/50 {
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		}
		return b
	}},
	{"byte replaced", func(r *rand.Rand, b, _ []byte) []byte {
		b[r.IntN(len(b))] = byte(pick(r, edges))
		return b
	}},
	{"number written over", func(r *rand.Rand, b, _ []byte) []byte {
		var number [4]byte
		binary.BigEndian.PutUint32(number[:], pick(r, edges))
		copy(b[r.IntN(len(b)):], number[r.IntN(4):])
		return b
	}},
	{"bytes inserted", func(r *rand.Rand, b, _ []byte) []byte {
		return slices.Insert(b, r.IntN(len(b)+1), noise(r, 1+r.IntN(40))...)
	}},
	{"part left out", func(r *rand.Rand, b, _ []byte) []byte {
		begin, end := span(r, len(b))
		return slices.Delete(b, begin, end)
	}},
	{"part twice", func(r *rand.Rand, b, _ []byte) []byte {
		begin, end := span(r, len(b))
		return slices.Insert(b, end, bytes.Clone(b[begin:end])...)
	}},
	{"cut off", func(r *rand.Rand, b, _ []byte) []byte { return b[:r.IntN(len(b))] }},
	{"beginning cut off", func(r *rand.Rand, b, _ []byte) []byte { return b[r.IntN(len(b)):] }},
	{"spliced", func(r *rand.Rand, b, other []byte) []byte {
		return append(b[:r.IntN(len(b)+1)], other[r.IntN(len(other)+1):]...)
	}},
	{"repeated", func(r *rand.Rand, b, _ []byte) []byte { return bytes.Repeat(b, 2+r.IntN(6)) }},
	{"parts exchanged", func(r *rand.Rand, b, _ []byte) []byte {
		at := r.IntN(len(b))
		return append(bytes.Clone(b[at:]), b[:at]...)
	}},
	{"noise", func(r *rand.Rand, b, _ []byte) []byte { return noise(r, len(b)) }},
	{"noise added", func(r *rand.Rand, b, _ []byte) []byte { return append(b, noise(r, 1+r.IntN(200))...) }},
}
