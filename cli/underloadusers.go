package cli

import (
	"fmt"

	"imcheck/conformance/server"
	"imcheck/harness/accounts"
	"imcheck/harness/target"
)

// mostClients returns how many clients the largest swarm has.
func (f *underLoadFlags) mostClients(t *target.Target) (most int) {
	for _, level := range f.levels {
		c := f.config(t, level, longestSwarm)
		most = max(most, c.Population())
	}
	return most
}

// divideUsers keeps the swarm and the cases of a server that knows its users from throwing
// each other out: a swarm has the first accounts, as any load, and the cases have the rest, without
// load too. Too few are the user's error.
func (r *loadedRun) divideUsers() error {
	all := r.target.Users
	if all == nil {
		return nil
	}
	clients := r.underLoad.mostClients(r.target)
	_, least := server.UsersNeeded(r.selected, r.parallel)
	if has := all.Count(); has < clients+least {
		return fmt.Errorf("--users: %w", &accounts.ShortageError{
			Name: all.Name(), Has: has, Need: clients + least, For: fmt.Sprintf("the %d clients of the swarm and the cases", clients),
		})
	}
	r.target.Users = accounts.After(all, clients)
	r.bar.note("the swarm has the first %d accounts of %s, the cases the rest", clients, all.Name())
	return nil
}
