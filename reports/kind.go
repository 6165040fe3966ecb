package reports

// MessageKind is the sort of sender and receiver of a message, in a ledger.
type MessageKind string

// The kinds of message.
const (
	MessagesC2S  MessageKind = "c2s"  // client to server
	MessagesC2C  MessageKind = "c2c"  // client to client
	MessagesS2C  MessageKind = "s2c"  // server to client
	MessagesEcho MessageKind = "echo" // client to server and back
)

// MessageKinds lists every kind of message in the order in which they are shown.
var MessageKinds = []MessageKind{MessagesC2S, MessagesC2C, MessagesS2C, MessagesEcho}

// KindNames returns the names of kinds.
func KindNames[K MessageKind | LatencyKind](kinds []K) []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return names
}

// LatencyKind identifies a latency metric.
type LatencyKind string

// The kinds of latency, each with what ends it.
const (
	KindLogin       LatencyKind = "login"        // the login response
	KindHeartbeat   LatencyKind = "heartbeat"    // the keep-alive response
	KindC2SAck      LatencyKind = "c2s_ack"      // the ACK of a message to the server
	KindC2CAck      LatencyKind = "c2c_ack"      // the ACK of a message to a client
	KindC2CDelivery LatencyKind = "c2c_delivery" // the arrival of a message to a client
	KindS2CDelivery LatencyKind = "s2c_delivery" // the arrival of a message of the server
	KindS2CCall     LatencyKind = "s2c_call"     // the answer of the control API to a push
	KindEcho        LatencyKind = "echo"         // the answer to an echo
	KindRelogin     LatencyKind = "relogin"      // the next login response after the client was disconnected
	KindFanOut      LatencyKind = "fanout"       // the arrival of a message to a group at the last of its members
	KindBacklog     LatencyKind = "backlog"      // the arrival of a message that was stored, from when its receiver was to come back, or was logged in
)

// LatencyKinds lists every kind of latency in the order in which they are shown. Kinds
// that it does not name, as of newer programs, follow in the order of the report.
var LatencyKinds = []LatencyKind{
	KindLogin, KindHeartbeat, KindC2SAck, KindC2CAck, KindC2CDelivery,
	KindS2CDelivery, KindS2CCall, KindEcho, KindRelogin, KindFanOut, KindBacklog,
}
