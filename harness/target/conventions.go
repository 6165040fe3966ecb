package target

import (
	"cmp"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// Conventions let a tester steer the application of a target, and say how much the
// target takes. Fields that are zero are as in docs/contracts.md, part A, and in
// docs/protocol.md §2.
type Conventions struct {
	AcceptedToken string                    // a login token with verdict 0
	RefusedTokens []RefusedToken            // login tokens with other verdicts
	OfflinePrefix string                    // messages to offline users whose ID begins so are stored
	VetoPrefix    string                    // messages whose content begins so are vetoed
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

// Token returns a login token that the target accepts.
func (t *Target) Token() string { return cmp.Or(t.Conventions.AcceptedToken, defaultAcceptedToken) }

// RefusedTokens returns login tokens that the target refuses, at least one.
func (t *Target) RefusedTokens() []RefusedToken {
	if len(t.Conventions.RefusedTokens) > 0 {
		return t.Conventions.RefusedTokens
	}
	return defaultRefusedTokens
}

// StoredUser turns a user ID into one for which messages are stored while the user is
// offline.
func (t *Target) StoredUser(user string) string {
	return cmp.Or(t.Conventions.OfflinePrefix, defaultOfflinePrefix) + user
}

// VetoedContent turns the content of a message into one that the application vetoes.
func (t *Target) VetoedContent(content string) string {
	return cmp.Or(t.Conventions.VetoPrefix, defaultVetoPrefix) + content
}

// MaxMessage returns the size in bytes of the largest message that the target takes on
// one transport.
func (t *Target) MaxMessage(kind wire.Transport) int {
	return cmp.Or(t.Conventions.MaxMessages[kind], kind.MaxMessage())
}
