package controlapi

// Conventions by which a tester steers the application of a server under test,
// unless the target profile declares others.
const (
	// VerdictPrefix begins a login token "code:N", which gets verdict N. Any other token
	// gets 0.
	VerdictPrefix = "code:"
	// OfflinePrefix begins the IDs of users for whom messages are stored while they are
	// offline.
	OfflinePrefix = "off-"
	// VetoPrefix begins the content of messages that the application vetoes.
	VetoPrefix = "veto:"
)
