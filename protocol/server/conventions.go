package server

import (
	"strconv"
	"strings"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// Conventions is the Application that a tester steers by the conventions of
// docs/contracts.md, part A.
type Conventions struct{}

// Verify returns the verdict that the token names, and 0 for any other token.
func (Conventions) Verify(_, token, _ string) wire.Code {
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
func (Conventions) AllowC2S(m wire.Message) bool { return !vetoed(m) }

// AllowC2C vetoes by the content.
func (Conventions) AllowC2C(m wire.Message) bool { return !vetoed(m) }

// StoreOffline stores by the ID of the receiver.
func (Conventions) StoreOffline(m wire.Message) bool {
	return strings.HasPrefix(m.To.Value(), controlapi.OfflinePrefix)
}

func vetoed(m wire.Message) bool {
	return strings.HasPrefix(m.DataContent.Value(), controlapi.VetoPrefix)
}
