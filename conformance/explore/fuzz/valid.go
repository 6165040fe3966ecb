package fuzz

import (
	"fmt"
	"math/rand/v2"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// Inputs have few users and fingerprints among them, so that they meet each other and a
// server has little to remember. No user of a run has an ID that begins like these.
const (
	strangers    = 32
	fingerprints = 16
)

func stranger(r *rand.Rand) string { return fmt.Sprint("stranger-", r.IntN(strangers)) }

func fingerprint(r *rand.Rand) string { return fmt.Sprint("stranger-fp-", r.IntN(fingerprints)) }

var contents = []string{"", "hello", "{}", controlapi.VetoPrefix + " this", `{"a":"ü 😀"}`}

// messages are the messages of a client, and some that only a server sends.
var messages = []func(r *rand.Rand) wire.Message{
	login,
	func(r *rand.Rand) wire.Message { return wire.NewKeepAlive(stranger(r)) },
	func(r *rand.Rand) wire.Message { return wire.NewEcho(stranger(r), pick(r, contents)) },
	func(r *rand.Rand) wire.Message { return wire.NewLogout(stranger(r)) },
	func(r *rand.Rand) wire.Message { return wire.NewData(stranger(r), receiver(r), pick(r, contents)) },
	qosData,
	func(r *rand.Rand) wire.Message { return wire.NewReceived(qosData(r)) },
	func(r *rand.Rand) wire.Message { return wire.NewKickout(stranger(r), wire.Kickout{Code: 1}) },
	func(r *rand.Rand) wire.Message { return wire.NewLoginResponse(stranger(r), wire.CodeOK, 1) },
	func(r *rand.Rand) wire.Message { return wire.NewErrorResponse(wire.CodeServerNotLoggedIn, qosData(r)) },
}

func login(r *rand.Rand) wire.Message {
	info := wire.LoginInfo{UserID: wire.Some(stranger(r)), Token: wire.Some("t"), FirstLoginTime: pick(r, []int64{0, 0, -1, 1, 1 << 40})}
	if chance(r, 4) {
		info.Token = wire.Some(fmt.Sprint(controlapi.VerdictPrefix, pick(r, []int{1, -1, 1025, 2147483647})))
	}
	if chance(r, 4) {
		info.Extra = wire.Some(pick(r, contents))
	}
	return wire.NewLogin(info)
}

func receiver(r *rand.Rand) string {
	return pick(r, []string{stranger(r), wire.ServerID, wire.NobodyID})
}

func qosData(r *rand.Rand) wire.Message {
	return wire.NewQoSData(stranger(r), receiver(r), pick(r, contents), fingerprint(r))
}
