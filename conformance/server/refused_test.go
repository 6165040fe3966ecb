package server

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"imcheck/conformance/suite"
	"imcheck/harness/accounts"
	"imcheck/harness/target"
	"imcheck/harness/transport/memory"
	rules "imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
	"imcheck/reports"
)

// accountsOf returns accounts with tokens that begin so.
func accountsOf(t *testing.T, count int, token string) accounts.Source {
	t.Helper()
	file := "id,token\n"
	for n := range count {
		file += fmt.Sprintf("1000%d,%s%d\n", n, token, n)
	}
	list, err := accounts.Parse("users.csv", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// runOnce runs a case that logs in a user, against a server that knows some users.
func runOnce(t *testing.T, known, given accounts.Source) (finished []suite.Finished, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		modes := timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}
		config := reference.Config{Network: memory.New(), Addresses: [...]string{"127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"}, Modes: modes, Limits: rules.DefaultLimits, Users: known}
		s, startErr := reference.Start(config)
		if startErr != nil {
			t.Fatal(startErr)
		}
		defer s.Close()
		under := &target.Target{Network: config.Network, Modes: modes, Tolerance: target.DefaultTolerance, Users: given}
		for _, kind := range wire.Transports {
			under.Addresses[kind] = s.Address(kind)
		}
		items := []suite.Item{{Case: suite.Case{
			ID: "login/a", Requirement: "It works.", Covers: []string{"login-accepted"}, Level: reports.Must,
			Run: Func(func(s *Scene) { s.Login(s.User("u")) }),
		}, Transport: wire.UDP}}
		finished, err = Repeat(t.Context(), under, items, 1, suite.Options{})
	})
	return finished, err
}

// TestRefusesEverybody: a target that lets nobody in is told so once, and no case is run.
func TestRefusesEverybody(t *testing.T) {
	known := accountsOf(t, 4, "token-")
	for _, test := range []struct {
		name  string
		given accounts.Source
		want  string // "" for a run
	}{
		{"made-up users", nil, "the target is there, but it refused all 10 logins with code 1025: does it know its users?"},
		{"wrong tokens", accountsOf(t, 4, "wrong-"), "the target is there, but it refused all 2 logins with code 1025: does it know its users?"},
		{"its users", known, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			finished, err := runOnce(t, known, test.given)
			if test.want == "" {
				if err != nil || len(finished) != 1 || finished[0].Result.Verdict != reports.Pass {
					t.Errorf("%d cases, %v", len(finished), err)
				}
				return
			}
			if _, ok := errors.AsType[*RefusedError](err); !ok || !strings.HasPrefix(err.Error(), test.want) || finished != nil {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// TestTranscriptHidesSecrets holds that a login can be read in a transcript, its token
// aside.
func TestTranscriptHidesSecrets(t *testing.T) {
	known := accountsOf(t, 4, "token-")
	finished, err := runOnce(t, known, known)
	if err != nil || len(finished) != 1 {
		t.Fatal(err)
	}
	logins := 0
	for _, entry := range finished[0].Trace {
		if strings.Contains(entry.Text, "token-") {
			t.Errorf("the transcript has %s", entry)
		}
		if strings.Contains(entry.Text, accounts.Hidden) && strings.Contains(entry.Text, "loginUserId") && entry.Connection == "u-1" {
			logins++
		}
	}
	if logins == 0 {
		t.Error("no login can be read")
	}
}
