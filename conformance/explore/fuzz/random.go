package fuzz

import "math/rand/v2"

// chance is true once in n times.
func chance(r *rand.Rand, n int) bool { return r.IntN(n) == 0 }

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// span draws a part of so many bytes, from begin to end.
func span(r *rand.Rand, size int) (begin, end int) {
	if size == 0 {
		return 0, 0
	}
	begin = r.IntN(size)
	return begin, begin + 1 + r.IntN(size-begin)
}

// noise draws so many bytes.
func noise(r *rand.Rand, size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}
