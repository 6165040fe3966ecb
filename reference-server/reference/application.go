package reference

import (
	"strconv"
	"strings"

	"imcheck/protocol/wire"
)

// The conventions by which a tester steers the application behind a server
// under test (docs/contracts.md, part A).
const (
	VerdictPrefix = "code:" // a token "code:N" gets verdict N, any other 0
	OfflinePrefix = "off-"  // messages to offline users with such an id are stored
	VetoPrefix    = "veto:" // messages whose content starts so are vetoed
)

// conventions is the application of the reference server.
type conventions struct{}

func (conventions) Verify(_, token, _ string) wire.Code {
	number, ok := strings.CutPrefix(token, VerdictPrefix)
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
	return strings.HasPrefix(m.To.Value(), OfflinePrefix)
}

func vetoed(m wire.Message) bool { return strings.HasPrefix(m.DataContent.Value(), VetoPrefix) }
