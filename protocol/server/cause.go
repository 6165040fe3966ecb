package server

// Cause is the reason for which a session ended.
type Cause string

// Causes. Only the first two are how a session is meant to end.
const (
	CauseLogout      Cause = "logout"
	CauseClosed      Cause = "closed"          // by the client or by the network
	CauseExpired     Cause = "expired"         // nothing arrived for too long (§3)
	CauseKicked      Cause = "kicked"          // by the application
	CauseReplaced    Cause = "replaced"        // another login of its user won (§3)
	CauseRefused     Cause = "login refused"   // by the application, or without a user
	CauseNotLoggedIn Cause = "not logged in"   // it sent what needs a login (§3)
	CauseBadMessage  Cause = "bad message"     // not a message, or one without what it needs (§3, §4)
	CauseForged      Cause = "forged sender"   // it sent in the name of another user
	CauseRate        Cause = "login limit"     // too many logins of its address, see Limits
	CauseGoingAway   Cause = "server stopping" // the server is told to end
)

// Causes lists every cause.
var Causes = []Cause{
	CauseLogout, CauseClosed, CauseExpired, CauseKicked, CauseReplaced, CauseRefused,
	CauseNotLoggedIn, CauseBadMessage, CauseForged, CauseRate, CauseGoingAway,
}
