package servercases

import "imcheck/conformance/suite"

// usersOf lists the cases that log in more than one user, by how many: a target that knows
// its users lends them so many. A test counts them.
var usersOf = map[int][]string{
	2: {
		"login/first-login-time-zero", "login/first-login-time-negative", "login/refused-not-online",
		"login/without-content", "login/content-not-json", "login/user-id-intact",
		"session/logout-not-online", "session/refused-login-reported", "session/logout-reported",
		"session/bad-message-reported", "session/closed-stream-reported", "session/online-list",
		"kick/later-login", "kick/across-transports", "kick/equal-login",
		"kick/equal-login-across-transports", "kick/earlier-login",
		"kick/earlier-login-across-transports", "kick/administrator", "kick/administrator-reported",
		"kick/replaced-not-reported", "kick/taken-over-not-reported",
		"kick/replaced-datagram-session-ended", "kick/administrator-ends-datagram-session",
		"heartbeat/from-not-looked-at", "heartbeat/ping-does-not-count",
		"heartbeat/incomplete-frame-does-not-count", "heartbeat/expiry-reported",
		"qos/c2c-passed-on-unchanged", "qos/c2c-ack-not-passed-on", "qos/c2c-duplicate-passed-on-again",
		"qos/c2c-without-qos", "qos/c2c-reported", "qos/c2s-from-of-another",
		"qos/c2s-forged-from-refused", "qos/offline-not-stored", "qos/c2c-retransmitted-once",
		"qos/c2c-without-qos-sent-once", "qos/c2c-retransmitted-to-takeover", "qos/c2c-lost-reported",
		"qos/c2c-vetoed", "qos/vetoed-not-reported", "qos/stamp-of-retransmission",
		"framing/udp-datagram-too-large", "framing/ws-close", "framing/ws-fragmented",
		"qos/c2c-prompt-ack", "qos/prompt-ack-in-a-burst",
	},
	3: {
		"login/first-login-time-unchanged", "login/again-same-session", "login/again-as-another",
		"login/without-user", "login/null-user", "session/stranger-not-reported", "heartbeat/expiry",
		"heartbeat/keep-alive-counts", "heartbeat/echo-counts", "heartbeat/data-counts",
		"heartbeat/ack-counts", "heartbeat/login-counts", "heartbeat/unknown-type-counts",
		"heartbeat/sent-by-server-does-not-count", "qos/c2c-from-of-another",
		"qos/c2c-forged-from-refused", "qos/c2c-ack-stops-retransmission", "framing/udp-empty",
		"message/not-json", "message/plain-text", "message/null", "message/array",
		"message/trailing-text", "message/wrong-type-number", "message/wrong-type-object",
		"message/truncated", "message/empty",
	},
	4: {
		"kick/first-login", "qos/c2c-across-transports", "qos/c2c-ack-from-another-session",
	},
	6: {
		"kick/equal-login-winner", "qos/retransmission-phase",
	},
	21: {
		"login/registration-gap",
	},
}

// withUsers adds to each case how many users it logs in.
func withUsers(catalogue []suite.Case) []suite.Case {
	counts := map[string]int{}
	for count, ids := range usersOf {
		for _, id := range ids {
			counts[id] = count
		}
	}
	for i := range catalogue {
		catalogue[i].Users = counts[catalogue[i].ID]
	}
	return catalogue
}
