package servercases_test

import (
	"fmt"
	"strings"
	"testing"

	"imcheck/conformance/server"
	"imcheck/conformance/servercases"
	"imcheck/conformance/suite"
	"imcheck/harness/accounts"
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
				expectVerdict(t, []reports.Result{r}, want)
			}
		})
	}
}
