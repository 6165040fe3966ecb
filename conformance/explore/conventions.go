package explore

import (
	"fmt"
	"strings"

	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// applicationOf returns an application that follows the conventions of a target, as far as
// its profile declares others than docs/contracts.md.
func applicationOf(c target.Conventions) server.Application {
	app := server.Conventions{OfflinePrefix: c.OfflinePrefix, VetoPrefix: c.VetoPrefix}
	for _, refused := range c.RefusedTokens {
		if app.Refused == nil {
			app.Refused = map[string]wire.Code{}
		}
		app.Refused[refused.Token] = refused.Code
	}
	return app
}

// under is a target with the conventions of a cast, which knows what they are by default.
func (c cast) under() *target.Target { return &target.Target{Conventions: c.conventions} }

// token is one that the application answers with a code. Of tokens that a profile declares
// it is the one with that code, or the first.
func (c cast) token(code int) string {
	if code == 0 {
		return c.under().Token()
	}
	declared := c.conventions.RefusedTokens
	for _, refused := range declared {
		if refused.Code == wire.Code(code) {
			return refused.Token
		}
	}
	if len(declared) > 0 {
		return declared[0].Token
	}
	return fmt.Sprint(controlapi.VerdictPrefix, code)
}

// content returns the text of a message, one that the application vetoes when the step asks for that.
func (c cast) content(text string) string {
	if rest, vetoed := strings.CutPrefix(text, controlapi.VetoPrefix); vetoed {
		return c.under().VetoedContent(rest)
	}
	return text
}

// stored is the ID of a user whom messages are stored for.
func (c cast) stored(n int) string {
	if c.conventions.OfflinePrefix == "" {
		return fmt.Sprintf("%s%d-%s", controlapi.OfflinePrefix, n, c.nonce)
	}
	return c.under().StoredUser(fmt.Sprintf("u%d-%s", n, c.nonce))
}
