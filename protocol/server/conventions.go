package server

import (
	"cmp"
	"strconv"
	"strings"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// Conventions is the Application that a tester steers by conventions. The zero value has
// those of docs/contracts.md, part A.
type Conventions struct {
	Refused       map[string]wire.Code // verdicts of tokens, 0 for any other; nil when a token names its verdict
	OfflinePrefix string               // messages to offline users whose ID begins so are stored; "" for the contract's
	VetoPrefix    string               // messages whose content begins so are vetoed; "" for the contract's
}

// Verify returns the verdict on a token.
func (c Conventions) Verify(_, token, _ string) wire.Code {
	if c.Refused != nil {
		return c.Refused[token]
	}
	number, ok := strings.CutPrefix(token, controlapi.VerdictPrefix)
	if !ok {
		return wire.CodeOK
	}
	code, err := strconv.ParseInt(number, 10, 32)
	if err != nil {
		return wire.CodeOK
	}
	return wire.Code(code)
}

// AllowC2S vetoes by the content.
func (c Conventions) AllowC2S(m wire.Message) bool { return !c.vetoed(m) }

// AllowC2C vetoes by the content.
func (c Conventions) AllowC2C(m wire.Message) bool { return !c.vetoed(m) }

// StoreOffline stores by the ID of the receiver.
func (c Conventions) StoreOffline(m wire.Message) bool {
	return strings.HasPrefix(m.To.Value(), cmp.Or(c.OfflinePrefix, controlapi.OfflinePrefix))
}

func (c Conventions) vetoed(m wire.Message) bool {
	return strings.HasPrefix(m.DataContent.Value(), cmp.Or(c.VetoPrefix, controlapi.VetoPrefix))
}
