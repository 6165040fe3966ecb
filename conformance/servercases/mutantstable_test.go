package servercases_test

// catch lists the cases that notice a fault.
type catch struct {
	// by is the case that names the rule which the fault breaks. With a transport
	// in brackets the fault shows on that one alone.
	by string
	// also has globs of the cases that cannot help noticing, because they use the
	// rule on their way. One with a question mark may notice, by when it is run: a
	// session that the case leaves silent expires before its end, or after.
	also string
	// on selects the server that the fault is given to.
	on kindOfServer
}

// kindOfServer is the kind of server on which a fault shows.
type kindOfServer uint8

const (
	ordinary kindOfServer = iota
	stamping              // puts its clock into every message
	observed              // is like the observed server in everything
)

func (k kindOfServer) String() string { return [...]string{"", "`--stamp`", "`--as-observed`"}[k] }

// Globs of the cases that depend on one thing that a server does.
const (
	everything      = "*/*"
	badDatagrams    = "message/array message/not-json message/null message/plain-text message/trailing-text message/truncated message/wrong-type-*"
	badMessages     = badDatagrams + " message/empty"
	lenientMessages = "message/absent-fields message/*escape* message/invalid-utf8 message/null-fields message/number-in-string message/unknown-fields"
	expiring        = "heartbeat/expiry* heartbeat/*-counts heartbeat/*-does-not-count"
	forgetting      = expiring + " login/* session/* kick/*-not-reported kick/*-datagram-session* qos/c2s-without-fingerprint"
	closing         = expiring + " login/* session/* kick/* qos/c2s-without-fingerprint " + badMessages
	echoing         = lenientMessages + " message/field-order message/single-quotes message/unquoted-names" +
		" framing/* heartbeat/echo-counts heartbeat/expiry-before-login kick/* login/* qos/s2c-to-takeover session/*"
	refusing         = "login/refused* login/again-same-session session/refused-login-reported"
	kicking          = "kick/*"
	handingOver      = "qos/c2s-* qos/ack-without-bridge qos/vetoed-not-reported"
	passingOn        = badMessages + " kick/* login/user-id-intact qos/c2c-* qos/offline-* session/logout-not-online"
	retransmitting   = "qos/*-retransmitted-* qos/c2c-lost-reported qos/c2c-ack-from-another-session qos/c2c-ack-stops-retransmission"
	pushing          = "qos/s2c-* heartbeat/sent-by-server-does-not-count"
	badHeaders       = "framing/ws-long-control-frame framing/ws-reserved-opcode framing/ws-unmasked framing/ws-fragmented-control-frame"
	closedFrames     = "framing/ws-binary framing/ws-invalid-utf8"
	unkickedReported = "heartbeat/expiry-reported kick/*-not-reported session/*-reported qos/c2s-without-fingerprint"
	endReported      = unkickedReported + " kick/administrator-*"
)

// catches is the matrix of faults and cases: nothing but what is named here
// fails.
var catches = map[string]catch{
	"expiry-early-udp":               {"heartbeat/expiry[udp]", expiring, ordinary},
	"expiry-late-udp":                {"heartbeat/expiry[udp]", expiring, ordinary},
	"expiry-early-tcp":               {"heartbeat/expiry[tcp]", expiring, ordinary},
	"expiry-late-tcp":                {"heartbeat/expiry[tcp]", expiring, ordinary},
	"expiry-early-ws":                {"heartbeat/expiry[ws]", expiring, ordinary},
	"expiry-late-ws":                 {"heartbeat/expiry[ws]", expiring, ordinary},
	"retransmission-missing":         {"qos/c2c-retransmitted-once", retransmitting, ordinary},
	"retransmission-twice":           {"qos/c2c-retransmitted-once", "qos/s2c-retransmitted-once-then-lost qos/c2c-lost-reported", ordinary},
	"retransmission-late":            {"qos/c2c-retransmitted-once", retransmitting, ordinary},
	"retransmission-early":           {"qos/c2c-retransmitted-once", retransmitting, ordinary},
	"dedup-too-short":                {"qos/c2s-seen-once", "", ordinary},
	"datagram-limit-low":             {"framing/udp-largest-datagram", "", ordinary},
	"tcp-limit-low":                  {"framing/tcp-largest-body", "", ordinary},
	"tcp-limit-high":                 {"framing/tcp-body-too-large", "", ordinary},
	"ws-limit-low":                   {"framing/ws-largest-frame", "", ordinary},
	"verdict-ignored":                {"login/refused", refusing, ordinary},
	"verdict-altered":                {"login/refused", refusing, ordinary},
	"veto-ignored":                   {"qos/c2c-vetoed", "qos/c2s-vetoed qos/vetoed-not-reported", ordinary},
	"offline-inverted":               {"qos/offline-stored", "login/refused-not-online qos/offline-not-stored qos/offline-reported session/logout-not-online", ordinary},
	"offline-always-stored":          {"qos/offline-not-stored", "login/refused-not-online qos/offline-reported session/logout-not-online", ordinary},
	"strict-json-only":               {"message/unquoted-names", "message/single-quotes", ordinary},
	"numbers-in-strings-refused":     {"message/number-in-string", "", ordinary},
	"unknown-fields-refused":         {"message/unknown-fields", "", ordinary},
	"invalid-utf8-refused":           {"message/invalid-utf8", "", ordinary},
	"absent-fields-by-table":         {"message/absent-fields", lenientMessages, ordinary},
	"null-texts-empty":               {"message/null-fields", "", ordinary},
	"trailing-text-accepted":         {"message/trailing-text", "message/bad-datagram-ignored", ordinary},
	"wrong-types-unset":              {"message/wrong-type-object", "message/bad-datagram-ignored", ordinary},
	"null-tolerated":                 {"message/null", "", ordinary},
	"array-tolerated":                {"message/array", "", ordinary},
	"empty-body-tolerated":           {"message/empty", "", ordinary},
	"bad-message-tolerated":          {"message/not-json", badMessages + " session/bad-message-reported", ordinary},
	"empty-datagram-answered":        {"framing/udp-empty", "framing/udp-empty-from-stranger message/empty-datagram-ignored", ordinary},
	"unknown-type-bad":               {"session/unknown-type-ignored", "heartbeat/unknown-type-counts", ordinary},
	"unknown-type-answered":          {"session/unknown-type-ignored", "heartbeat/unknown-type-counts", ordinary},
	"server-type-bad":                {"session/server-types-ignored", "", ordinary},
	"logout-ignored":                 {"session/logout", "kick/replaced-not-reported session/logout-not-online session/logout-reported session/online-list kick/taken-over-not-reported session/login-reported", ordinary},
	"ack-ignored":                    {"qos/c2c-ack-stops-retransmission", "qos/c2c-ack-from-another-session qos/s2c-ack-reported session/ack-before-login qos/c2c-lost-reported", ordinary},
	"keep-alive-not-counted":         {"heartbeat/keep-alive-counts", "heartbeat/stays-logged-in qos/*-retransmi* qos/c2c-ack-from-another-session qos/*-without-qos* qos/c2c-lost-reported", ordinary},
	"echo-not-counted":               {"heartbeat/echo-counts", "", ordinary},
	"data-not-counted":               {"heartbeat/data-counts", "", ordinary},
	"ack-not-counted":                {"heartbeat/ack-counts", "", ordinary},
	"unknown-type-not-counted":       {"heartbeat/unknown-type-counts", "", ordinary},
	"sent-counted":                   {"heartbeat/sent-by-server-does-not-count", "", ordinary},
	"takeover-equal-kicks":           {"kick/equal-login", "kick/equal-login-across-transports qos/s2c-to-takeover qos/c2c-retransmitted-to-takeover kick/taken-over-not-reported", ordinary},
	"takeover-earlier-wins":          {"kick/earlier-login", "kick/earlier-login-across-transports", ordinary},
	"takeover-later-silent":          {"kick/later-login", "", ordinary},
	"takeover-not-across-transports": {"kick/across-transports", "", ordinary},
	"takeover-reported-as-logout":    {"kick/replaced-not-reported", "kick/earlier-login kick/earlier-login-across-transports", ordinary},
	"login-verified-again":           {"login/again-same-session", "", ordinary},
	"nameless-login-accepted":        {"login/without-user", "login/null-user login/without-content login/content-not-json", ordinary},
	"heartbeat-answer-to-asker":      {"kick/equal-login", "kick/equal-login-across-transports", ordinary},
	"heartbeat-answer-to-from":       {"heartbeat/from-not-looked-at", "", ordinary},
	"c2c-to-sender":                  {"qos/c2c-passed-on-unchanged", passingOn + " login/again-same-session login/refused-not-online", ordinary},
	"c2c-not-across-transports":      {"qos/c2c-across-transports", "kick/across-transports kick/equal-login-across-transports", ordinary},
	"c2c-deduplicated":               {"qos/c2c-duplicate-passed-on-again", "qos/c2c-reported", ordinary},
	"c2c-ack-by-from":                {"qos/c2c-from-of-another", "", observed},
	"c2s-ack-to-login":               {"qos/c2s-from-of-another", "", observed},
	"retransmission-to-first":        {"qos/c2c-retransmitted-to-takeover", "", ordinary},
	"ack-of-others-ignored":          {"qos/c2c-ack-from-another-session", "", ordinary},
	"login-response-missing":         {"login/accepted", everything, ordinary},
	"login-response-misaddressed":    {"login/accepted", "login/first-login-time-unchanged", ordinary},
	"first-login-time-altered":       {"login/first-login-time-unchanged", "login/accepted", ordinary},
	"first-login-time-constant":      {"login/first-login-time-zero", "login/accepted login/first-login-time-*", ordinary},
	"heartbeat-answer-missing":       {"heartbeat/answered", everything, ordinary},
	"heartbeat-answer-misaddressed":  {"heartbeat/answered", everything, ordinary},
	"not-logged-in-silent":           {"session/keep-alive-before-login", forgetting, ordinary},
	"not-logged-in-other-code":       {"session/keep-alive-before-login", forgetting, ordinary},
	"not-logged-in-without-message":  {"session/data-before-login", forgetting, ordinary},
	"not-logged-in-misaddressed":     {"session/keep-alive-before-login", forgetting, ordinary},
	"kick-silent":                    {"kick/first-login", kicking, ordinary},
	"kick-code-altered":              {"kick/first-login", kicking, ordinary},
	"kick-reason-lost":               {"kick/administrator", "", ordinary},
	"echo-altered":                   {"session/echo-after-login", echoing, ordinary},
	"c2s-ack-missing":                {"qos/c2s-acknowledged", handingOver, ordinary},
	"c2s-ack-once":                   {"qos/c2s-duplicate-acknowledged-again", "qos/c2s-seen-once", ordinary},
	"c2s-nameless-tolerated":         {"qos/c2s-without-fingerprint", "", ordinary},
	"c2s-deduplicated-always":        {"qos/c2s-without-qos-seen-every-time", "", ordinary},
	"c2s-ack-wrong-fingerprint":      {"qos/c2s-acknowledged", handingOver, ordinary},
	"c2s-ack-unasked":                {"qos/c2s-without-qos", "heartbeat/data-counts qos/c2s-without-qos-seen-every-time", ordinary},
	"c2c-ack-missing":                {"qos/c2c-passed-on-unchanged", passingOn + " login/again-same-session login/refused-not-online", ordinary},
	"c2c-ack-once":                   {"qos/c2c-duplicate-passed-on-again", "qos/c2c-reported qos/offline-reported", ordinary},
	"c2c-ack-unasked":                {"qos/c2c-without-qos", "qos/c2c-without-qos-sent-once", ordinary},
	"c2c-ack-from-server":            {"qos/c2c-passed-on-unchanged", passingOn + " login/again-same-session login/refused-not-online", ordinary},
	"c2c-ack-relayed":                {"qos/c2c-ack-not-passed-on", passingOn + " login/again-same-session login/refused-not-online", ordinary},
	"c2c-dropped":                    {"qos/c2c-passed-on-unchanged", passingOn + " login/again-same-session login/refused-not-online", ordinary},
	"c2c-doubled":                    {"qos/c2c-without-qos", passingOn + " login/again-same-session login/refused-not-online", ordinary},
	"c2c-altered":                    {"qos/c2c-passed-on-unchanged", passingOn + " login/again-same-session login/refused-not-online", ordinary},
	"c2c-user-type-altered":          {"qos/c2c-passed-on-unchanged", passingOn + " login/again-same-session login/refused-not-online", ordinary},
	"s2c-dropped":                    {"qos/s2c-delivered", pushing, ordinary},
	"s2c-doubled":                    {"qos/s2c-without-qos", pushing, ordinary},
	"s2c-altered":                    {"qos/s2c-delivered", pushing, ordinary},
	"s2c-user-type-altered":          {"qos/s2c-delivered", pushing, ordinary},
	"s2c-fingerprint-altered":        {"qos/s2c-delivered", "qos/s2c-*", ordinary},
	"retransmission-altered":         {"qos/c2c-retransmitted-once", retransmitting + " qos/c2c-duplicate-passed-on-again qos/c2c-reported", ordinary},
	"stamp-missing":                  {"qos/stamp", "", stamping},
	"stamp-stale":                    {"qos/stamp-of-retransmission", "", stamping},
	"stamped-unasked":                {"message/field-order", everything, ordinary},
	"close-missing":                  {"session/logout", closing + " ?qos/c2c-retransmitted-to-takeover", ordinary},
	"refused-login-stays-open":       {"login/refused", refusing, ordinary},
	"not-logged-in-stays-open":       {"session/keep-alive-before-login", "session/*-before-login", ordinary},
	"kicked-stays-open":              {"kick/first-login", kicking, ordinary},
	"verify-not-reported":            {"session/login-reported", "session/refused-login-reported login/again-same-session", ordinary},
	"login-not-reported":             {"session/login-reported", "session/refused-login-reported kick/earlier-login kick/earlier-login-across-transports", ordinary},
	"logout-not-reported":            {"session/logout-reported", endReported, ordinary},
	"c2s-not-reported":               {"qos/c2s-seen-once", "qos/c2s-without-qos-seen-every-time qos/vetoed-not-reported", ordinary},
	"c2c-not-reported":               {"qos/c2c-reported", "qos/c2c-retransmitted-once", ordinary},
	"offline-not-reported":           {"qos/offline-reported", "qos/offline-not-stored", ordinary},
	"lost-not-reported":              {"qos/s2c-retransmitted-once-then-lost", "qos/c2c-lost-reported", ordinary},
	"received-not-reported":          {"qos/s2c-ack-reported", "qos/c2c-lost-reported", ordinary},
	"verify-reported-twice":          {"session/login-reported", "session/refused-login-reported login/again-same-session", ordinary},
	"login-reported-twice":           {"session/login-reported", "kick/earlier-login kick/earlier-login-across-transports", ordinary},
	"logout-reported-twice":          {"session/logout-reported", endReported, ordinary},
	"c2s-reported-twice":             {"qos/c2s-seen-once", "qos/c2s-without-qos-seen-every-time qos/vetoed-not-reported", ordinary},
	"c2c-reported-twice":             {"qos/c2c-reported", "qos/c2c-retransmitted-once", ordinary},
	"logout-code-lost":               {"kick/administrator-reported", "kick/administrator-ends-datagram-session", ordinary},
	"from-unchecked":                 {"qos/c2c-forged-from-refused", "qos/c2s-forged-from-refused", ordinary},
	"kicked-stays":                   {"kick/replaced-datagram-session-ended[udp]", "kick/administrator-ends-datagram-session", ordinary},
	"bad-datagram-ends":              {"message/bad-datagram-ignored[udp]", "message/empty-datagram-ignored", ordinary},
	"fragments-refused":              {"framing/ws-fragmented-accepted[ws]", "", ordinary},
	"other-paths-mute":               {"framing/ws-other-path-answered[ws]", "framing/ws-path-with-query-answered", ordinary},
	"retransmission-endless":         {"qos/c2c-retransmitted-once", "qos/s2c-retransmitted-once-then-lost qos/c2c-lost-reported", ordinary},
	"dedup-memory-short":             {"qos/c2s-remembered", "", ordinary},
	"dedup-memory-long":              {"qos/c2s-forgotten", "", ordinary},
	"datagram-limit-high":            {"framing/udp-datagram-too-large", "", ordinary},
	"ws-limit-high":                  {"framing/ws-frame-too-large", "", ordinary},
	"login-not-counted":              {"heartbeat/login-counts", "", ordinary},
	"early-logout-refused":           {"session/logout-before-login", "session/stranger-not-reported", ordinary},
	"not-logged-in-as-it-came":       {"session/refused-message-re-encoded", "", ordinary},
	"stranger-served":                {"session/keep-alive-before-login", forgetting, ordinary},
	"c2s-ack-late":                   {"qos/c2s-acknowledged", handingOver, ordinary},
	"ack-with-bridge":                {"qos/ack-without-bridge", "", ordinary},
	"lost-reported-twice":            {"qos/c2c-lost-reported", "qos/s2c-retransmitted-once-then-lost", ordinary},
	"refused-login-reported":         {"session/refused-login-reported", "", ordinary},
	"tcp-pieces-close":               {"framing/tcp-split", "framing/tcp-pause heartbeat/incomplete-frame-does-not-count", ordinary},
	"tcp-late-rest-lost":             {"framing/tcp-pause", "", ordinary},
	"tcp-segment-cut":                {"framing/tcp-several-in-one-segment", "", ordinary},
	"tcp-segment-reversed":           {"framing/tcp-several-in-one-segment", "", ordinary},
	"tcp-negative-length-skipped":    {"framing/tcp-negative-length", "", ordinary},
	"tcp-huge-length-awaited":        {"framing/tcp-huge-length", "", ordinary},
	"tcp-long-body-lost":             {"framing/tcp-body-too-large", "", ordinary},
	"tcp-incomplete-counts":          {"heartbeat/incomplete-frame-does-not-count[tcp]", "", ordinary},
	"tcp-close-reset":                {"session/logout", closing, ordinary},
	"ws-binary-as-text":              {"framing/ws-binary", "", ordinary},
	"ws-unmasked-accepted":           {"framing/ws-unmasked", "", ordinary},
	"ws-invalid-utf8-accepted":       {"framing/ws-invalid-utf8", "", ordinary},
	"ws-reserved-opcode-ignored":     {"framing/ws-reserved-opcode", "", ordinary},
	"ws-long-control-accepted":       {"framing/ws-long-control-frame", "", ordinary},
	"ws-fragments-as-messages":       {"framing/ws-fragment-no-message", "framing/ws-fragmented-accepted framing/ws-continuation-alone", ordinary},
	"ws-ping-unanswered":             {"framing/ws-ping", "heartbeat/ping-does-not-count framing/ws-fragmented-accepted", ordinary},
	"ws-pong-altered":                {"framing/ws-ping", "heartbeat/ping-does-not-count framing/ws-fragmented-accepted", ordinary},
	"ws-ping-counts":                 {"heartbeat/ping-does-not-count", "", ordinary},
	"ws-incomplete-counts":           {"heartbeat/incomplete-frame-does-not-count[ws]", "", ordinary},
	"ws-close-unanswered":            {"framing/ws-close", "framing/ws-close-invalid-code framing/ws-close-one-byte", ordinary},
	"ws-close-code-constant":         {"framing/ws-close", "", ordinary},
	"ws-closes-with-1001":            {"framing/ws-binary[ws]", closing + " " + closedFrames + " framing/ws-frame-too-large framing/ws-continuation-alone " + badHeaders, ordinary},
	"ws-bad-frame-closes-with-1011":  {"framing/ws-unmasked", badHeaders, ordinary},
	"ws-close-frame-missing":         {"framing/ws-binary[ws]", closing + " " + closedFrames + " framing/ws-frame-too-large framing/ws-continuation-alone " + badHeaders, ordinary},
	"ws-fin-missing":                 {"framing/ws-close[ws]", closing + " framing/ws-frame-too-large framing/ws-close-invalid-code framing/ws-continuation-alone framing/ws-close-one-byte " + closedFrames + " " + badHeaders + " ?qos/c2c-retransmitted-to-takeover", ordinary},
	"ws-refusal-404":                 {"framing/ws-without-upgrade", "", ordinary},
	"ws-version-8-refused":           {"framing/ws-version-8", "", ordinary},
	"ws-accept-wrong":                {"framing/ws-version-8", everything, ordinary},
	"ws-other-path-upgraded":         {"framing/ws-other-path", "framing/ws-other-path-answered", ordinary},

	// Calls of the application, with no effect on the wire.
	"verify-of-another-user":           {"session/login-reported", "session/refused-login-reported login/again-same-session", ordinary},
	"verify-verdict-lost":              {"session/refused-login-reported", "", ordinary},
	"login-of-another-user":            {"session/login-reported", "session/refused-login-reported kick/earlier-login*", ordinary},
	"logout-of-another-user":           {"session/logout-reported", endReported, ordinary},
	"logout-code-zero":                 {"session/logout-reported", unkickedReported, ordinary},
	"offline-code-inverted":            {"qos/offline-reported", "", ordinary},
	"lost-of-another-message":          {"qos/s2c-retransmitted-once-then-lost", "qos/c2c-lost-reported", ordinary},
	"received-of-another-message":      {"qos/s2c-ack-reported", "qos/c2c-lost-reported", ordinary},
	"c2s-with-other-content":           {"qos/c2s-seen-once", "qos/c2s-without-qos-seen-every-time", ordinary},
	"c2s-with-other-sender":            {"qos/c2s-seen-once", "qos/c2s-without-qos-seen-every-time", ordinary},
	"c2s-with-other-user-type":         {"qos/c2s-seen-once", "qos/c2s-without-qos-seen-every-time", ordinary},
	"c2c-with-other-content":           {"qos/c2c-reported", "", ordinary},
	"c2c-with-other-sender":            {"qos/c2c-reported", "", ordinary},
	"c2c-with-other-receiver":          {"qos/c2c-reported", "", ordinary},
	"c2c-with-other-user-type":         {"qos/c2c-reported", "", ordinary},
	"offline-with-other-content":       {"qos/offline-reported", "", ordinary},
	"offline-with-other-receiver":      {"qos/offline-reported", "", ordinary},
	"lost-with-other-content":          {"qos/c2c-lost-reported", "", ordinary},
	"verify-once-a-user":               {"session/login-reported", "", ordinary},
	"login-once-a-user":                {"session/login-reported", "", ordinary},
	"c2c-once-a-fingerprint":           {"qos/c2c-reported", "", ordinary},
	"offline-once-a-fingerprint":       {"qos/offline-reported", "", ordinary},
	"received-once-a-fingerprint":      {"qos/s2c-ack-reported", "", ordinary},
	"offline-reported-twice":           {"qos/offline-reported", "qos/offline-not-stored", ordinary},
	"received-reported-twice":          {"qos/s2c-ack-reported", "qos/c2c-lost-reported", ordinary},
	"offline-asked-although-online":    {"qos/c2c-reported", "", ordinary},
	"c2c-told-although-offline":        {"qos/offline-reported", "qos/offline-not-stored", ordinary},
	"lost-although-acknowledged":       {"qos/c2c-lost-reported", "", ordinary},
	"received-of-all":                  {"qos/s2c-ack-reported", "", ordinary},
	"received-told-at-delivery":        {"qos/c2c-lost-reported", "qos/s2c-ack-reported qos/s2c-retransmitted-once-then-lost", ordinary},
	"c2c-told-of-second-copy":          {"qos/c2c-retransmitted-once", "", ordinary},
	"lost-told-at-second-copy":         {"qos/c2c-lost-reported", "", ordinary},
	"lost-told-late":                   {"qos/s2c-retransmitted-once-then-lost", "qos/c2c-lost-reported", ordinary},
	"login-verified-unheeded":          {"login/again-same-session", "", ordinary},
	"nobody-verified":                  {"login/without-user", "login/null-user login/without-content login/content-not-json", ordinary},
	"unreadable-login-verified":        {"login/content-not-json", "login/without-user login/null-user login/without-content", ordinary},
	"refused-data-reported":            {"session/data-before-login", "", ordinary},
	"refused-ack-reported":             {"session/ack-before-login", "", ordinary},
	"vetoed-reported":                  {"qos/vetoed-not-reported", "", ordinary},
	"vetoed-offered":                   {"qos/vetoed-not-reported", "", ordinary},
	"c2s-nameless-reported":            {"qos/c2s-without-fingerprint", "", ordinary},
	"unknown-type-reported":            {"session/unknown-type-ignored", "", ordinary},
	"c2s-copies-reported":              {"qos/c2s-seen-once", "", ordinary},
	"logout-missing-after-logout":      {"session/logout-reported", "kick/replaced-not-reported kick/taken-over-not-reported", ordinary},
	"logout-missing-after-close":       {"session/closed-stream-reported", "", ordinary},
	"logout-missing-after-expiry":      {"heartbeat/expiry-reported", "", ordinary},
	"logout-missing-after-bad-message": {"session/bad-message-reported", "", ordinary},
	"logout-missing-after-nameless":    {"qos/c2s-without-fingerprint", "", ordinary},
	"logout-missing-after-kick":        {"kick/administrator-reported", "kick/administrator-ends-datagram-session", ordinary},
	"logout-twice-after-logout":        {"session/logout-reported", "kick/replaced-not-reported kick/taken-over-not-reported", ordinary},
	"logout-twice-after-close":         {"session/closed-stream-reported", "", ordinary},
	"logout-twice-after-expiry":        {"heartbeat/expiry-reported", "", ordinary},
	"logout-twice-after-bad-message":   {"session/bad-message-reported", "", ordinary},
	"logout-twice-after-nameless":      {"qos/c2s-without-fingerprint", "", ordinary},
	"logout-twice-after-kick":          {"kick/administrator-reported", "kick/administrator-ends-datagram-session", ordinary},
	"logout-told-at-login":             {"session/logout-reported", endReported + " kick/earlier-login kick/earlier-login-across-transports", ordinary},
	"stranger-end-reported":            {"session/stranger-not-reported", "", ordinary},
	"refused-login-logout-reported":    {"session/refused-login-reported", "", ordinary},
	"taken-over-logout-reported":       {"kick/taken-over-not-reported", "", ordinary},
	"losing-login-reported":            {"kick/earlier-login", "kick/earlier-login-across-transports", ordinary},
	"losing-login-logout-reported":     {"kick/earlier-login", "kick/earlier-login-across-transports", ordinary},
}
