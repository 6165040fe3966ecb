package accounts

import "imcheck/protocol/wire"

// After returns the accounts of a source without its first, which somebody else has.
func After(source Source, first int) Source { return rest{source, first} }

// rest is a source without its first accounts.
type rest struct {
	Source
	first int
}

// Count implements Source.
func (r rest) Count() int {
	if r.Source.Count() == Unlimited {
		return Unlimited
	}
	return max(0, r.Source.Count()-r.first)
}

// ID implements Source.
func (r rest) ID(n int) string { return r.Source.ID(r.first + n) }

// Account implements Source.
func (r rest) Account(n int, t wire.Transport) Account { return r.Source.Account(r.first+n, t) }

// Longest implements Source.
func (r rest) Longest(count int) string { return r.Source.Longest(r.first + count) }
