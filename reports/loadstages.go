package reports

// Stage is a part of the measured time that had a load of its own. What became of a message
// counts in the stage in which it was due.
type Stage struct {
	FromMs        int64   `json:"fromMs"` // begin, since the start of the run
	ToMs          int64   `json:"toMs"`   // planned end
	RanMs         int64   `json:"ranMs"`  // how much of it there was: less than all, or nothing, when the run was cut short
	RatePerSecond float64 `json:"ratePerSecond,omitempty"`
	// FromRate is the rate at the begin of a stage in which it goes evenly to RatePerSecond; 0
	// of one in which it does not change.
	FromRate        float64         `json:"fromRatePerSecond,omitempty"`
	Clients         int             `json:"clients"`     // asked for at its end, of the whole run
	FromClients     int             `json:"fromClients"` // and at its begin
	Messages        []StageMessages `json:"messages"`
	Latencies       []Latency       `json:"latencies,omitempty"` // of all transports, since due; their histograms have two digits
	DroppedArrivals int64           `json:"droppedArrivals"`     // as in Generator
	OfflineArrivals int64           `json:"offlineArrivals"`
	BlockedArrivals int64           `json:"blockedArrivals"`
	SessionsLost    int64           `json:"sessionsLost"` // during the stage
	Errors          int64           `json:"errors"`       // sends not made, messages and sessions lost, failed connections, error responses

	LatenessP99Us     int64  `json:"latenessP99Us"`               // lateness of the generator's own sends
	LatenessHistogram string `json:"latenessHistogram,omitempty"` // HdrHistogram V2 with two digits, compressed, base64
}

// StageMessages is the account of the messages of one kind that were due in a stage.
type StageMessages struct {
	Kind         MessageKind `json:"kind"`
	Sent         int64       `json:"sent"`
	Acknowledged int64       `json:"acknowledged"`
	Delivered    int64       `json:"delivered"` // first copies, too late or not; 0 for C2S
	Duplicated   int64       `json:"duplicated"`
	Retransmits  int64       `json:"retransmits"`
	Lost         int64       `json:"lost"`    // given up by the client's rules
	Missing      int64       `json:"missing"` // sent, and not delivered, whatever the reason; 0 for C2S
}
