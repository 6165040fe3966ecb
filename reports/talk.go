package reports

import "io"

// KindTalk is the Header.Kind of a talk.
const KindTalk = "talk"

// Names of files in the folder of a talk.
const (
	TalkFile     = "talk.json"
	RelayLogFile = "relay.jsonl" // what the relay did to what passed it
)

// Talk is the report of a talk between clients under test ("talk.json"). The target is the
// server that they talked through.
type Talk struct {
	Header
	Transport  string       `json:"transport"`
	Clients    []TalkClient `json:"clients"`
	Impairment *Impairment  `json:"impairment,omitempty"` // of the way between relay and server; nil when it was left as it was
	// Events reports whether the server's application told what it lost. Without it, what it
	// gave up counts as missing.
	Events bool        `json:"events"`
	Sum    TalkLedger  `json:"sum"`
	Ways   []TalkWay   `json:"ways"`  // sums of each sender
	Notes  []string    `json:"notes"` // what was cut off
	Odd    []TalkEntry `json:"odd"`   // messages that did not simply get through, up to MaxOdd of them
}

// MaxOdd bounds the list of odd messages in the report of a talk.
const MaxOdd = 1000

// TalkClient describes one client of a talk, and what it reported besides messages.
type TalkClient struct {
	User       string `json:"user"`
	Command    string `json:"command,omitempty"`
	Name       string `json:"name"`
	Version    string `json:"version"`
	Logins     int    `json:"logins"` // that it reported, with code 0
	LinksEnded int    `json:"linksEnded"`
	Kicked     int    `json:"kicked"`
	Errors     int    `json:"errors"`
}

// TalkWay is the ledger of what one client has sent.
type TalkWay struct {
	From string `json:"from"`
	TalkLedger
}

// TalkLedger counts what became of messages with QoS. Each that was sent has one of the
// fates from Delivered to Missing.
type TalkLedger struct {
	Refused int `json:"refused"` // the client said that it could not send them; not among Sent
	Sent    int `json:"sent"`

	Delivered       int `json:"delivered"`       // shown once, and the sender reported the ACK
	ShownUnreported int `json:"shownUnreported"` // shown once, and the sender reported neither an ACK nor a loss
	LostThoughShown int `json:"lostThoughShown"` // shown once, and reported lost to the sender: only ACKs were lost
	LostReported    int `json:"lostReported"`    // not shown, and reported lost to the sender
	LostAtServer    int `json:"lostAtServer"`    // not shown and never handed to the receiver; told to the server's application as lost or offline
	ShownTwice      int `json:"shownTwice"`      // shown again within ten minutes
	Missing         int `json:"missing"`         // neither shown nor reported

	ServerLostThoughShown int `json:"serverLostThoughShown"` // told to the server's application as lost, of all fates
	Strange               int `json:"strange"`               // shown, but sent by nobody to this client, or altered
}

// Balances reports whether each message was shown once or reported, and nothing else was
// shown.
func (l TalkLedger) Balances() bool { return l.ShownTwice == 0 && l.Missing == 0 && l.Strange == 0 }

// Add adds another ledger.
func (l *TalkLedger) Add(o TalkLedger) {
	l.Refused += o.Refused
	l.Sent += o.Sent
	l.Delivered += o.Delivered
	l.ShownUnreported += o.ShownUnreported
	l.LostThoughShown += o.LostThoughShown
	l.LostReported += o.LostReported
	l.LostAtServer += o.LostAtServer
	l.ShownTwice += o.ShownTwice
	l.Missing += o.Missing
	l.ServerLostThoughShown += o.ServerLostThoughShown
	l.Strange += o.Strange
}

// TalkEntry is a message that did not simply get through. Times are in milliseconds since
// the talk began; absent ones did not happen.
type TalkEntry struct {
	Fate        string    `json:"fate"` // "missing" and so on, as the ledger has it
	Fingerprint string    `json:"fp,omitempty"`
	From        string    `json:"from,omitempty"`
	To          string    `json:"to,omitempty"`
	Content     string    `json:"content,omitempty"`
	SentMs      float64   `json:"sentMs,omitempty"`
	AckedMs     float64   `json:"ackedMs,omitempty"`
	LostMs      float64   `json:"lostMs,omitempty"` // reported to the sender
	ShownMs     []float64 `json:"shownMs,omitempty"`
	// What others know of it.
	Reached        bool `json:"reached,omitempty"`        // it was handed to the receiver, on UDP as the relay has seen
	ServerPassedOn int  `json:"serverPassedOn,omitempty"` // times that it was written to the receiver
	ServerReceived bool `json:"serverReceived,omitempty"` // the receiver acknowledged it
	ServerLost     bool `json:"serverLost,omitempty"`
	ServerOffline  bool `json:"serverOffline,omitempty"` // the receiver was not online, for one copy at least
}

// WriteTalkJSON writes t. Schema and kind are those of this package, whatever the header
// says.
func WriteTalkJSON(w io.Writer, t *Talk) error {
	written := *t
	written.complete(KindTalk)
	orEmptyList(&written.Clients)
	orEmptyList(&written.Ways)
	orEmptyList(&written.Notes)
	orEmptyList(&written.Odd)
	return WriteJSON(w, written)
}
