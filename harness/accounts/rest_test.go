package accounts

import (
	"testing"

	"imcheck/protocol/wire"
)

func TestAfter(t *testing.T) {
	rest := After(numbered(t, 12), 9)
	if rest.Count() != 3 || rest.ID(0) != "u10" || rest.Account(2, wire.TCP).Token != "token-of-12" || rest.Longest(1) != "u10" || rest.Name() != "a template" {
		t.Errorf("%d accounts from %s to %v, the longest %s, of %s", rest.Count(), rest.ID(0), rest.Account(2, wire.TCP), rest.Longest(1), rest.Name())
	}
	if got := After(numbered(t, 2), 3).Count(); got != 0 {
		t.Errorf("there are %d accounts after more than all", got)
	}
	if got := After(numbered(t, 0), 3).Count(); got != Unlimited {
		t.Errorf("there are %d accounts after some of as many as are asked for", got)
	}
}
