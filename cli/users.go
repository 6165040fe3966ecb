package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/harness/accounts"
	"imcheck/harness/target"
)

// usersFlag names the users that a target lets in.
type usersFlag struct {
	path string
	list *accounts.List // nil without the flag
}

// registerUsers adds the flag of a verb that takes its users from a file.
func (f *targetFlags) registerUsers(flags *pflag.FlagSet) {
	flags.StringVar(&f.users.path, "users", "", "`FILE` with the users that the server lets in: CSV with the columns id, token and extra (which may be left out), or a JSON object a line; a profile can have a template for them (default: made-up users, who all have one token)")
}

// readUsers reads the file of --users. An error is the user's.
func (f *targetFlags) readUsers() (err error) {
	if f.users.path == "" {
		return nil
	}
	if f.users.list, err = accounts.ReadFile(f.users.path); err != nil {
		return fmt.Errorf("--users: %w", err)
	}
	if f.profile != nil && f.profile.Conventions.AcceptedToken != "" {
		return errors.New("--users: each of them has a token of its own: leave credentials.accepted in the profile out")
	}
	return nil
}

// checkUsers refuses a run of cases for which there are too few users.
func (f *conformFlags) checkUsers(items []suite.Item) error {
	source := f.target.described().Users
	if f.target.users.list != nil {
		source = f.target.users.list
	}
	if source == nil {
		return nil
	}
	if _, least := server.UsersNeeded(items, f.parallel); source.Count() < least {
		return fmt.Errorf("--users: %w", &accounts.ShortageError{Name: source.Name(), Has: source.Count(), Need: least, For: "the cases"})
	}
	return nil
}

// noteUsers notes the number of users that the cases of a run have at once.
func (f *conformFlags) noteUsers(bar *progress, t *target.Target, items []suite.Item) {
	if t.Users == nil {
		return
	}
	together, _ := server.UsersNeeded(items, f.parallel)
	if has := t.Users.Count(); has < together {
		bar.note("note: %s has %d accounts, so fewer cases run at once and the run takes longer; %d are enough for all", t.Users.Name(), has, together)
		return
	}
	bar.note("the cases have up to %d accounts of %s at once; --parallel lowers that", together, t.Users.Name())
}

// refuseUsers refuses those of a profile, for a verb that makes its users up.
func (f *targetFlags) refuseUsers() error {
	if f.profile != nil && f.profile.Users != nil {
		return errors.New("users in the profile: the users of drawn conversations are made up, and a server that knows its users refuses them: leave the key out, for a server that lets anybody in")
	}
	return nil
}

// addUsers gives a target those of --users, which come before those of the profile.
func (f *targetFlags) addUsers(t *target.Target) {
	if f.users.list != nil {
		t.Users = f.users.list
	}
}
