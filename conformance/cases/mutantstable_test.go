package cases_test

// catch tells which cases notice a fault.
type catch struct {
	// by is the case that names the rule which the fault breaks. With a transport
	// in brackets the fault shows on that one alone.
	by string
	// also has globs of the cases that cannot help noticing, because they use the
	// rule on their way.
	also string
}

// Globs of the cases that depend on one thing that a server does.
const (
	everything      = "*/*"
	badDatagrams    = "message/array message/not-json message/null message/plain-text message/trailing-text message/truncated message/wrong-type-*"
	badMessages     = badDatagrams + " message/empty"
	lenientMessages = "message/absent-fields message/*escape* message/invalid-utf8 message/null-fields message/number-in-string message/unknown-fields"
	expiring        = "heartbeat/expiry* heartbeat/*-counts heartbeat/*-does-not-count"
	forgetting      = expiring + " login/* session/* kick/replaced-not-reported qos/c2s-without-fingerprint " + badDatagrams
	closing         = expiring + " login/* session/* kick/* qos/c2s-without-fingerprint " + badMessages
	echoing         = lenientMessages + " message/field-order message/single-quotes message/unquoted-names" +
		" framing/* heartbeat/echo-counts heartbeat/expiry-before-login kick/* login/* qos/s2c-to-takeover session/*"
	refusing       = "login/refused* login/again-same-session"
	kicking        = "kick/*"
	handingOver    = "qos/c2s-* qos/c2c-reported qos/vetoed-not-reported session/login-reported"
	passingOn      = badMessages + " kick/* login/user-id-intact qos/c2c-* qos/offline-* session/logout-not-online"
	retransmitting = "qos/*-retransmitted-* qos/c2c-ack-from-another-session qos/c2c-ack-stops-retransmission"
	pushing        = "qos/s2c-* heartbeat/sent-by-server-does-not-count"
	endReported    = "heartbeat/expiry-reported kick/*-reported session/*-reported"
)

// catches is the matrix of faults and cases: nothing but what is named here
// fails.
var catches = map[string]catch{
	"expiry-early-udp":               {"heartbeat/expiry[udp]", expiring},
	"expiry-late-udp":                {"heartbeat/expiry[udp]", expiring},
	"expiry-early-tcp":               {"heartbeat/expiry[tcp]", expiring},
	"expiry-late-tcp":                {"heartbeat/expiry[tcp]", expiring},
	"expiry-early-ws":                {"heartbeat/expiry[ws]", expiring},
	"expiry-late-ws":                 {"heartbeat/expiry[ws]", expiring},
	"retransmission-missing":         {"qos/c2c-retransmitted-once", retransmitting},
	"retransmission-twice":           {"qos/c2c-retransmitted-once", "qos/s2c-retransmitted-once-then-lost"},
	"retransmission-late":            {"qos/c2c-retransmitted-once", retransmitting},
	"retransmission-early":           {"qos/c2c-retransmitted-once", retransmitting},
	"dedup-too-short":                {"qos/c2s-seen-once", ""},
	"datagram-limit-low":             {"framing/udp-largest-datagram", ""},
	"tcp-limit-low":                  {"framing/tcp-largest-body", ""},
	"tcp-limit-high":                 {"framing/tcp-body-too-large", ""},
	"ws-limit-low":                   {"framing/ws-largest-frame", ""},
	"verdict-ignored":                {"login/refused", refusing},
	"verdict-altered":                {"login/refused", refusing},
	"veto-ignored":                   {"qos/c2c-vetoed", "qos/c2s-vetoed qos/vetoed-not-reported"},
	"offline-inverted":               {"qos/offline-stored", "login/refused-not-online qos/offline-not-stored qos/offline-reported session/logout-not-online"},
	"offline-always-stored":          {"qos/offline-not-stored", "login/refused-not-online qos/offline-reported session/logout-not-online"},
	"strict-json-only":               {"message/unquoted-names", "message/single-quotes"},
	"numbers-in-strings-refused":     {"message/number-in-string", ""},
	"unknown-fields-refused":         {"message/unknown-fields", ""},
	"invalid-utf8-refused":           {"message/invalid-utf8", ""},
	"absent-fields-by-table":         {"message/absent-fields", lenientMessages},
	"null-texts-empty":               {"message/null-fields", ""},
	"trailing-text-accepted":         {"message/trailing-text", ""},
	"wrong-types-unset":              {"message/wrong-type-object", ""},
	"null-tolerated":                 {"message/null", ""},
	"array-tolerated":                {"message/array", ""},
	"empty-body-tolerated":           {"message/empty", ""},
	"bad-message-tolerated":          {"message/not-json", badMessages},
	"bad-datagram-tolerated":         {"message/not-json[udp]", badDatagrams},
	"empty-datagram-bad":             {"framing/udp-empty", ""},
	"unknown-type-bad":               {"session/unknown-type-ignored", "heartbeat/unknown-type-counts"},
	"unknown-type-answered":          {"session/unknown-type-ignored", "heartbeat/unknown-type-counts"},
	"server-type-bad":                {"session/server-types-ignored", ""},
	"logout-ignored":                 {"session/logout", "kick/replaced-not-reported session/logout-not-online session/logout-reported session/online-list"},
	"ack-ignored":                    {"qos/c2c-ack-stops-retransmission", "qos/c2c-ack-from-another-session qos/s2c-ack-reported session/ack-before-login"},
	"keep-alive-not-counted":         {"heartbeat/keep-alive-counts", "heartbeat/stays-logged-in qos/*-retransmi* qos/c2c-ack-from-another-session qos/*-without-qos*"},
	"echo-not-counted":               {"heartbeat/echo-counts", ""},
	"data-not-counted":               {"heartbeat/data-counts", ""},
	"ack-not-counted":                {"heartbeat/ack-counts", ""},
	"unknown-type-not-counted":       {"heartbeat/unknown-type-counts", ""},
	"sent-counted":                   {"heartbeat/sent-by-server-does-not-count", ""},
	"takeover-equal-kicks":           {"kick/equal-login", "kick/equal-login-across-transports qos/s2c-to-takeover"},
	"takeover-earlier-wins":          {"kick/earlier-login", "kick/earlier-login-across-transports"},
	"takeover-later-silent":          {"kick/later-login", ""},
	"takeover-not-across-transports": {"kick/across-transports", ""},
	"takeover-reported-as-logout":    {"kick/replaced-not-reported", ""},
	"login-verified-again":           {"login/again-same-session", ""},
	"nameless-login-accepted":        {"login/without-user", "login/null-user"},
	"heartbeat-answer-to-asker":      {"kick/equal-login", "kick/equal-login-across-transports"},
	"heartbeat-answer-to-from":       {"heartbeat/from-not-looked-at", ""},
	"c2c-to-sender":                  {"qos/c2c-passed-on-unchanged", passingOn + " login/again-same-session login/refused-not-online"},
	"c2c-not-across-transports":      {"qos/c2c-across-transports", "kick/across-transports kick/equal-login-across-transports"},
	"c2c-deduplicated":               {"qos/c2c-duplicate-passed-on-again", "qos/c2c-reported"},
	"c2c-ack-by-from":                {"qos/c2c-from-not-checked", ""},
	"c2s-ack-to-login":               {"qos/c2s-acknowledged-to-from", ""},
	"retransmission-to-first":        {"qos/c2c-retransmitted-to-takeover", ""},
	"ack-of-others-ignored":          {"qos/c2c-ack-from-another-session", ""},
	"login-response-missing":         {"login/accepted", everything},
	"login-response-misaddressed":    {"login/accepted", "login/first-login-time-unchanged"},
	"first-login-time-altered":       {"login/first-login-time-unchanged", "login/accepted"},
	"first-login-time-constant":      {"login/first-login-time-zero", "login/accepted login/first-login-time-*"},
	"heartbeat-answer-missing":       {"heartbeat/answered", everything},
	"heartbeat-answer-misaddressed":  {"heartbeat/answered", everything},
	"not-logged-in-silent":           {"session/keep-alive-before-login", forgetting},
	"not-logged-in-other-code":       {"session/keep-alive-before-login", forgetting},
	"not-logged-in-without-message":  {"session/data-before-login", forgetting},
	"not-logged-in-misaddressed":     {"session/keep-alive-before-login", forgetting},
	"kick-silent":                    {"kick/first-login", kicking},
	"kick-code-altered":              {"kick/first-login", kicking},
	"kick-reason-lost":               {"kick/administrator", ""},
	"echo-altered":                   {"session/echo-after-login", echoing},
	"c2s-ack-missing":                {"qos/c2s-acknowledged", handingOver},
	"c2s-ack-once":                   {"qos/c2s-duplicate-acknowledged-again", "qos/c2s-seen-once"},
	"c2s-nameless-tolerated":         {"qos/c2s-without-fingerprint", ""},
	"c2s-deduplicated-always":        {"qos/c2s-without-qos-seen-every-time", ""},
	"c2s-ack-wrong-fingerprint":      {"qos/c2s-acknowledged", handingOver},
	"c2s-ack-unasked":                {"qos/c2s-without-qos", "heartbeat/data-counts qos/c2s-without-qos-seen-every-time"},
	"c2c-ack-missing":                {"qos/c2c-passed-on-unchanged", passingOn + " login/again-same-session login/refused-not-online"},
	"c2c-ack-once":                   {"qos/c2c-duplicate-passed-on-again", "qos/c2c-reported"},
	"c2c-ack-unasked":                {"qos/c2c-without-qos", "qos/c2c-without-qos-sent-once"},
	"c2c-ack-from-server":            {"qos/c2c-passed-on-unchanged", passingOn + " login/again-same-session login/refused-not-online"},
	"c2c-ack-relayed":                {"qos/c2c-ack-not-passed-on", passingOn},
	"c2c-dropped":                    {"qos/c2c-passed-on-unchanged", passingOn + " login/again-same-session login/refused-not-online"},
	"c2c-doubled":                    {"qos/c2c-without-qos", passingOn + " login/again-same-session login/refused-not-online"},
	"c2c-altered":                    {"qos/c2c-passed-on-unchanged", passingOn + " login/again-same-session login/refused-not-online"},
	"c2c-user-type-altered":          {"qos/c2c-passed-on-unchanged", passingOn + " login/again-same-session login/refused-not-online"},
	"s2c-dropped":                    {"qos/s2c-delivered", pushing},
	"s2c-doubled":                    {"qos/s2c-without-qos", pushing},
	"s2c-altered":                    {"qos/s2c-delivered", pushing},
	"s2c-user-type-altered":          {"qos/s2c-delivered", pushing},
	"s2c-fingerprint-altered":        {"qos/s2c-delivered", "qos/s2c-*"},
	"retransmission-altered":         {"qos/c2c-retransmitted-once", retransmitting + " qos/c2c-duplicate-passed-on-again qos/c2c-reported"},
	"stamp-missing":                  {"qos/stamp", ""},
	"stamp-stale":                    {"qos/stamp-of-retransmission", ""},
	"stamped-unasked":                {"message/field-order", everything},
	"close-missing":                  {"session/logout", closing},
	"refused-login-stays-open":       {"login/refused", refusing},
	"not-logged-in-stays-open":       {"session/keep-alive-before-login", "session/*-before-login"},
	"kicked-stays-open":              {"kick/first-login", kicking},
	"verify-not-reported":            {"session/login-reported", ""},
	"login-not-reported":             {"session/login-reported", endReported},
	"logout-not-reported":            {"session/logout-reported", endReported},
	"c2s-not-reported":               {"qos/c2s-seen-once", "qos/c2c-reported qos/c2s-without-qos-seen-every-time qos/vetoed-not-reported session/login-reported"},
	"c2c-not-reported":               {"qos/c2c-reported", ""},
	"offline-not-reported":           {"qos/offline-reported", ""},
	"lost-not-reported":              {"qos/s2c-retransmitted-once-then-lost", ""},
	"received-not-reported":          {"qos/s2c-ack-reported", ""},
	"verify-reported-twice":          {"session/login-reported", ""},
	"login-reported-twice":           {"session/login-reported", ""},
	"logout-reported-twice":          {"session/logout-reported", endReported},
	"c2s-reported-twice":             {"qos/c2s-seen-once", "qos/c2s-without-qos-seen-every-time"},
	"c2c-reported-twice":             {"qos/c2c-reported", ""},
	"logout-code-lost":               {"kick/administrator-reported", ""},
}
