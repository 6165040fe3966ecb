package swarm

import (
	"fmt"
	"iter"
	"runtime"
	"strings"
	"sync"

	"imcheck/harness/accounts"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/client"
	"imcheck/protocol/wire"
)

// checkUsers refuses a run with more clients than the target has users, and one whose
// logins are longer than the target takes.
func (c Config) checkUsers() error {
	users := c.Target.Users
	if users == nil {
		return nil
	}
	clients := c.Population()
	if has := users.Count(); has < clients {
		short := accounts.ShortageError{Name: users.Name(), Has: has, Need: clients, For: fmt.Sprintf("%d clients", clients)}
		return &options.Error{Option: options.Users, Reason: short.Error(), Err: &short}
	}
	for i := range min(clients, len(c.Transports)) {
		t := plan.TransportOf(plan.Client(i), c.Transports)
		login := users.Account(i, t).Login(0).Append(nil)
		if most := c.Target.MaxMessage(t); len(login) > most {
			return options.Refuse(options.Users, "the login of %q has %d bytes, and a message on %s at most %d: use a shorter token or extra, or say in a profile, under largestMessages, what the server takes",
				users.ID(i), len(login), t, most)
		}
	}
	return nil
}

// overhead returns how many bytes the longest message of the run has besides its
// dataContent.
func (c Config) overhead() int {
	longest := ""
	switch {
	case c.Target == nil:
	case c.Target.Users != nil:
		longest = c.Target.Users.Longest(c.Population())
	case c.scenario().StoresMessages():
		longest = c.Target.StoredUser(plan.LongestUser(c.Population()))
	}
	return plan.MessageOverhead(c.Population(), longest)
}

// userIDs returns the ID of any client of the run: each may write to one of another shard.
// Those of this process are kept.
func (c Config) userIDs(nonce plan.Nonce) func(plan.Client) string {
	id := nonce.User
	switch {
	case c.Target.Users != nil:
		id = func(client plan.Client) string { return c.Target.Users.ID(int(client)) }
	case c.scenario().StoresMessages():
		id = func(client plan.Client) string { return c.Target.StoredUser(nonce.User(client)) }
	}
	share := c.share()
	own := make([]string, c.OwnClients())
	// All of them in one piece: a million strings of their own take a third more.
	var all strings.Builder
	all.Grow(len(own) * len(id(plan.Client(c.Population()-1))))
	for i := range own {
		start := all.Len()
		all.WriteString(id(share.Client(plan.Own(i))))
		own[i] = all.String()[start:]
	}
	return func(client plan.Client) string {
		if share.Has(client) {
			return own[share.Own(client)]
		}
		return id(client)
	}
}

// ownAccounts makes the accounts of this process's clients before the run begins: to sign
// a token takes as long as a millisecond. It returns nil when any user is let in.
func (c Config) ownAccounts() []accounts.Account {
	if c.Target.Users == nil {
		return nil
	}
	share, all := c.share(), make([]accounts.Account, c.OwnClients())
	var making sync.WaitGroup
	makers := runtime.GOMAXPROCS(0)
	for maker := range makers {
		making.Go(func() {
			for i := maker; i < len(all); i += makers {
				n := share.Client(plan.Own(i))
				all[i] = c.Target.Users.Account(int(n), plan.TransportOf(n, c.Transports))
			}
		})
	}
	making.Wait()
	return all
}

// rulesOf returns the rules of a client that has not started.
func (r *run) rulesOf(m *member) client.Client {
	shared := &r.clients[m.transport]
	if r.accounts == nil {
		return shared.Client(r.Users(m.index))
	}
	account := r.accounts[r.share.Own(m.index)]
	own := *shared
	own.Token = account.Token
	if account.Extra != "" {
		own.Extra = wire.Some(account.Extra)
	}
	return own.Client(account.ID)
}

// secrets yields what must not be shown of the accounts.
func (r *run) secrets() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, account := range r.accounts {
			if !yield(account.Token) || !yield(account.Extra) {
				return
			}
		}
		for _, key := range r.Target.Users.Keys() {
			if !yield(key) {
				return
			}
		}
	}
}
