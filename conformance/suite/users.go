package suite

import (
	"cmp"
	"context"
)

// usualUsers bounds the users that an attempt of a case has, unless the case says
// otherwise.
const usualUsers = 1

// Lender is a World whose target knows its users, so that a case has to borrow them. An
// attempt has all of its users from the beginning: two that each waited for what the other
// has would wait for ever.
type Lender interface {
	// Lends reports whether the target knows its users; else any ID will do.
	Lends() bool
	// Lend waits until so many users are free. The error is one of ctx, or says that there
	// are not so many.
	Lend(ctx context.Context, users int) (Loan, error)
}

// Loan is the users that an attempt has.
type Loan interface {
	// Return gives them back, to be lent again when their sessions have ended. It may be
	// called twice.
	Return()
}

// UserCount returns the largest number of users that an attempt of the item logs in.
func (i Item) UserCount() int { return cmp.Or(i.Users, usualUsers) }

// UsersNeeded returns how many users any so many of the items (0 for all) have at once,
// and how many the largest one has alone.
func UsersNeeded(items []Item, parallel int) (together, largest int) {
	var counts []int
	for _, item := range items {
		if !item.OwnIDs {
			counts = append(counts, item.UserCount())
		}
	}
	return mostAtOnce(counts, parallel)
}

// lend returns the users of an attempt of an item; nil where none are needed.
func (r *run) lend(ctx context.Context, item Item) (Loan, error) {
	lender, ok := r.world.(Lender)
	if !ok || !lender.Lends() || item.OwnIDs {
		return nil, nil
	}
	return lender.Lend(ctx, item.UserCount())
}

// ownIDs returns the reason that an item is not run against a target that knows its users, "" when it is.
func (r *run) ownIDs(item Item) string {
	if lender, ok := r.world.(Lender); ok && lender.Lends() && item.OwnIDs {
		return "the case logs in users with IDs of its own, and the target lets in the given users only"
	}
	return ""
}
