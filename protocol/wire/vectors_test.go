package wire_test

import (
	"errors"
	"testing"

	"imcheck/fixtures"
	"imcheck/protocol/wire"
)

func vectors(t testing.TB) []fixtures.Vector {
	t.Helper()
	vectors, err := fixtures.Vectors()
	if err != nil {
		t.Fatal(err)
	}
	return vectors
}

func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			m, err := wire.Decode(v.Input)
			switch {
			case v.Accept && err != nil:
				t.Errorf("%s (%s)\nrefused: %v", v.Comment, v.Section, err)
			case v.Accept && m.String() != v.Encoded:
				t.Errorf("%s (%s)\n got %s\nwant %s", v.Comment, v.Section, m, v.Encoded)
			case !v.Accept && err == nil:
				t.Errorf("%s (%s)\naccepted as %s", v.Comment, v.Section, m)
			case !v.Accept && !errors.Is(err, wire.ErrBadMessage):
				t.Errorf("%s (%s)\nerror %v is not ErrBadMessage", v.Comment, v.Section, err)
			case !v.Accept && m != wire.Message{}:
				t.Errorf("%s (%s)\nrefused, yet something was returned: %s", v.Comment, v.Section, m)
			}
		})
	}
}

// What the server writes it reads back as the same.
func TestVectorEncodingsAreStable(t *testing.T) {
	for _, v := range vectors(t) {
		if !v.Accept {
			continue
		}
		m, err := wire.Decode([]byte(v.Encoded))
		if err != nil {
			t.Errorf("%s: the encoding is refused: %v", v.Name, err)
		} else if m.String() != v.Encoded {
			t.Errorf("%s:\n got %s\nwant %s", v.Name, m, v.Encoded)
		}
	}
}

// No part of a message is a message: a datagram that was cut never passes (§2).
func TestTruncatedMessagesAreRefused(t *testing.T) {
	for _, v := range vectors(t) {
		if !v.Accept {
			continue
		}
		for n := range len(v.Encoded) {
			if m, err := wire.Decode([]byte(v.Encoded[:n])); err == nil {
				t.Errorf("%s: the first %d of %d bytes are accepted as %s", v.Name, n, len(v.Encoded), m)
			}
		}
	}
}
