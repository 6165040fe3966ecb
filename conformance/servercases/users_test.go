package servercases_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/conformance/internal/casestest"
	"imcheck/conformance/server"
	"imcheck/conformance/servercases"
	"imcheck/conformance/suite"
	"imcheck/harness/accounts"
	"imcheck/harness/transport/record"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// secretOf begins the token and the extra of every account.
const secretOf = "s3cret-of-"

// accountsOf returns so many accounts, as a file has them.
func accountsOf(t *testing.T, count int) accounts.Source {
	t.Helper()
	var file strings.Builder
	file.WriteString("id,token,extra\n")
	for n := range count {
		fmt.Fprintf(&file, "%d,%s%d,%sextra-%d\n", 10_000_000+n, secretOf, n, secretOf, n)
	}
	list, err := accounts.Parse("users.csv", strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestUsersOfCases holds how many users each case says that it logs in: the most that it
// does on a transport.
func TestUsersOfCases(t *testing.T) {
	skipUnderRace(t)
	t.Parallel()
	most := map[string]int{}
	catalogue := servercases.All()
	note := func(f suite.Finished) { most[f.Item.ID] = max(most[f.Item.ID], f.Named) }
	for _, stamp := range []bool{false, true} {
		world{modes: all3S, stamp: stamp, long: true, finished: note}.run(t, catalogue)
	}
	for _, c := range catalogue {
		if got := (suite.Item{Case: c}).UserCount(); most[c.ID] > got || c.Users != 0 && most[c.ID] != got {
			t.Errorf("%s says that it has %d users, and has %d", c.ID, got, most[c.ID])
		}
	}
}

// TestCatalogueWithUsers runs the whole catalogue with as few accounts as the largest case
// needs, and with as many as all cases need at once.
func TestCatalogueWithUsers(t *testing.T) {
	unstamped := needing(controlapi.CapabilityStamp, false)
	items, _, err := suite.Selection{}.Select(unstamped, wire.Transports[:])
	if err != nil {
		t.Fatal(err)
	}
	together, least := server.UsersNeeded(items, 0)
	t.Logf("%d accounts at once, %d at least", together, least)
	for _, count := range []int{together, 40} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			for _, r := range (world{modes: all3S, users: accountsOf(t, count)}).run(t, unstamped) {
				want := reports.Pass
				if r.Case == "login/user-id-intact" {
					want = reports.NotSupported
				}
				casestest.ExpectVerdict(t, []reports.Result{r}, want)
			}
		})
	}
}

// TestUsersOfAnEarlierRun: what the application was told of the same users before does not
// count in a later run.
func TestUsersOfAnEarlierRun(t *testing.T) {
	t.Parallel()
	casestest.ExpectVerdict(t, world{modes: all3S, users: accountsOf(t, 30), again: true}.run(t, area("session")), reports.Pass)
}

// TestSecretsOfFailedCases: evidence of cases that failed, transcripts included, has no
// secret, also when the target sends back the logins that it gets.
func TestSecretsOfFailedCases(t *testing.T) {
	skipUnderRace(t)
	for _, hollow := range hollowServers() {
		if !strings.HasPrefix(hollow.name, "echoes") {
			continue
		}
		t.Run(hollow.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { expectNoSecrets(t, hollow) })
		})
	}
}

func expectNoSecrets(t *testing.T, hollow hollowServer) {
	under := hollowTarget(t, hollow)
	under.Users = accountsOf(t, 1000)
	items, _, err := suite.Selection{}.Select(servercases.All(), under.Transports())
	if err != nil {
		t.Fatal(err)
	}
	options := suite.Options{Timeouts: suite.DefaultTimeouts}
	options.Timeouts.Probe = time.Hour // one probe only, as for others of these servers
	finished, err := server.Run(t.Context(), under, items, options)
	if err != nil {
		t.Error(err)
	}
	hidden := 0
	for _, f := range finished {
		if text := fmt.Sprintf("%+v %s", f.Result, f.Trouble); strings.Contains(text, secretOf[:6]) {
			t.Errorf("%s has a secret: %s", f.Item.Name(), text)
		}
		for _, entry := range f.Trace {
			if strings.Contains(entry.Text, secretOf[:6]) {
				t.Errorf("%s has a secret: %s", f.Item.Name(), entry)
			}
			if entry.Direction == record.Received && strings.Contains(entry.Text, accounts.Hidden) {
				hidden++
			}
		}
	}
	if hidden == 0 {
		t.Error("no login came back")
	}
}
