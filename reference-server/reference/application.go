package reference

import (
	"strconv"
	"strings"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// conventions is the application of the reference server, which a tester steers by the
// conventions of docs/contracts.md, part A.
type conventions struct{}

func (conventions) Verify(_, token, _ string) wire.Code {
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

func (conventions) AllowC2S(m wire.Message) bool { return !vetoed(m) }
func (conventions) AllowC2C(m wire.Message) bool { return !vetoed(m) }

func (conventions) StoreOffline(m wire.Message) bool {
	return strings.HasPrefix(m.To.Value(), controlapi.OfflinePrefix)
}

func vetoed(m wire.Message) bool {
	return strings.HasPrefix(m.DataContent.Value(), controlapi.VetoPrefix)
}
