package target

import (
	"cmp"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// Conventions are how a tester steers the application behind a target, and how
// much the target takes. What is left zero is as docs/contracts.md, part A, and
// docs/protocol.md §2 have it.
type Conventions struct {
	AcceptedToken string                    // a login token with verdict 0
	RefusedTokens []RefusedToken            // login tokens with other verdicts
	OfflinePrefix string                    // messages to offline users with such an id are stored
	VetoPrefix    string                    // messages whose content starts so are vetoed
	MaxMessages   [len(wire.Transports)]int // largest message in bytes
}

// RefusedToken is a login token that the application refuses with a code.
type RefusedToken struct {
	Token string
	Code  wire.Code
}

// The conventions of docs/contracts.md, part A.
const (
	defaultAcceptedToken = "t"
	defaultOfflinePrefix = controlapi.OfflinePrefix
	defaultVetoPrefix    = controlapi.VetoPrefix
)

var defaultRefusedTokens = []RefusedToken{{controlapi.VerdictPrefix + "1025", wire.CodeFirstApplication}, {controlapi.VerdictPrefix + "2001", 2001}}

// Token is a login token that the target lets in.
func (t *Target) Token() string { return cmp.Or(t.Conventions.AcceptedToken, defaultAcceptedToken) }

// RefusedTokens are login tokens that the target refuses; there is at least
// one.
func (t *Target) RefusedTokens() []RefusedToken {
	if len(t.Conventions.RefusedTokens) > 0 {
		return t.Conventions.RefusedTokens
	}
	return defaultRefusedTokens
}

// StoredUser makes of a user id one for which messages are stored while the
// user is offline.
func (t *Target) StoredUser(user string) string {
	return cmp.Or(t.Conventions.OfflinePrefix, defaultOfflinePrefix) + user
}

// VetoedContent makes of a message's content one that the application vetoes.
func (t *Target) VetoedContent(content string) string {
	return cmp.Or(t.Conventions.VetoPrefix, defaultVetoPrefix) + content
}

// MaxMessage is the largest message in bytes that the target takes on one
// transport.
func (t *Target) MaxMessage(kind wire.Transport) int {
	return cmp.Or(t.Conventions.MaxMessages[kind], kind.MaxMessage())
}
