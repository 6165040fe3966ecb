package accounts

import (
	"fmt"
	"hash/maphash"
	"slices"

	"imcheck/protocol/wire"
)

// List has the accounts of a file.
type List struct {
	path    string
	text    string   // of all fields, one after the other
	ends    []uint32 // of id, token and extra in text, of each account
	longest string   // the ID that is longest in a message
}

// Fields of an account in a list.
const (
	fieldID = iota
	fieldToken
	fieldExtra
	fields
)

// Count returns how many accounts the list has.
func (l *List) Count() int { return len(l.ends) / fields }

// ID returns the user ID of account n.
func (l *List) ID(n int) string { return l.field(n, fieldID) }

// Account returns account n, which is the same on all transports.
func (l *List) Account(n int, _ wire.Transport) Account {
	return Account{l.field(n, fieldID), l.field(n, fieldToken), l.field(n, fieldExtra)}
}

// Keys returns nil.
func (l *List) Keys() []string { return nil }

// Name returns the path of the file.
func (l *List) Name() string { return l.path }

func (l *List) field(n, field int) string {
	at, from := n*fields+field, uint32(0)
	if at > 0 {
		from = l.ends[at-1]
	}
	return l.text[from:l.ends[at]]
}

// Longest returns the user ID that is longest in a message.
func (l *List) Longest(int) string { return l.longest }

// repeated returns the numbers of two accounts with the same ID, the later one of which
// comes first in the file; ok is false when all differ.
func (l *List) repeated() (first, again int, ok bool) {
	type hashed struct {
		hash uint64
		n    uint32
	}
	seed := maphash.MakeSeed()
	all := make([]hashed, l.Count())
	for n := range all {
		all[n] = hashed{maphash.String(seed, l.ID(n)), uint32(n)}
	}
	slices.SortFunc(all, func(a, b hashed) int {
		switch {
		case a.hash != b.hash && a.hash < b.hash, a.hash == b.hash && a.n < b.n:
			return -1
		}
		return 1
	})
	for i := range all {
		for j := i + 1; j < len(all) && all[j].hash == all[i].hash; j++ {
			one, other := int(all[i].n), int(all[j].n)
			if l.ID(one) == l.ID(other) && (!ok || other < again) {
				first, again, ok = one, other, true
			}
		}
	}
	return first, again, ok
}

// ShortageError reports that there are fewer accounts than a run needs.
type ShortageError struct {
	Name      string // of the source
	Has, Need int
	For       string // who needs them, such as "40 clients"
}

func (e *ShortageError) Error() string {
	return fmt.Sprintf("%s has %d accounts, and %s need %d: add %d", e.Name, e.Has, e.For, e.Need, e.Need-e.Has)
}
