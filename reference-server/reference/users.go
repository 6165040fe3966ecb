package reference

import (
	"imcheck/harness/accounts"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// registered is an application that lets in the users that it knows, with their token and
// extra. All else is as the conventions have it, the tokens that name a verdict too.
type registered struct {
	server.Conventions
	users   accounts.Source
	numbers map[string]int // of the users, by ID
}

func newRegistered(users accounts.Source) registered {
	r := registered{users: users, numbers: make(map[string]int, users.Count())}
	for n := range users.Count() {
		r.numbers[users.ID(n)] = n
	}
	return r
}

// Verify refuses who is not known, or has another token or extra, with the first code that
// is the application's.
func (r registered) Verify(user, token, extra string) wire.Code {
	if verdict := r.Conventions.Verify(user, token, extra); verdict != wire.CodeOK {
		return verdict
	}
	n, known := r.numbers[user]
	if known && r.users.Account(n, wire.TCP) == (accounts.Account{ID: user, Token: token, Extra: extra}) {
		return wire.CodeOK
	}
	return wire.CodeFirstApplication
}
