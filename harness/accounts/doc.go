// Package accounts has the users that a server knows: from a file, or by a template. It
// lends them to cases, and keeps their secrets out of what is shown.
//
// An account of a file costs the bytes of its texts and 12 more, and 24 while the file is
// read: a million of them with 100 bytes each take some 110 MB.
package accounts

import (
	"imcheck/protocol/wire"
)

// Account is a user that a server lets in.
type Account struct {
	ID    string
	Token string // secret
	Extra string // secret; "" for none
}

// Login returns a login request of the account.
func (a Account) Login(firstLoginTime int64) wire.Message {
	info := wire.LoginInfo{UserID: wire.Some(a.ID), Token: wire.Some(a.Token), FirstLoginTime: firstLoginTime}
	if a.Extra != "" {
		info.Extra = wire.Some(a.Extra)
	}
	return wire.NewLogin(info)
}

// Source numbers accounts from 0 on. Its methods may be called from several goroutines.
type Source interface {
	// Count returns how many accounts there are; Unlimited for as many as are asked for.
	Count() int
	// ID returns the user ID of account n.
	ID(n int) string
	// Account returns account n, as it logs in on a transport.
	Account(n int, t wire.Transport) Account
	// Longest returns the user ID that is longest in a message, among so many accounts.
	Longest(count int) string
	// Keys returns the keys that tokens are signed with, which are secret too.
	Keys() []string
	// Name says in errors and reports where the accounts are from.
	Name() string
}

// Unlimited is the count of a template that makes as many accounts as are asked for.
const Unlimited = 1<<31 - 1
