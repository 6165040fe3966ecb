package reports

import (
	"slices"
	"time"
)

// Load is the report of a load run ("load.json").
type Load struct {
	Header
	Shard         Shard          `json:"shard,omitzero"`   // the part of a divided run that this is
	Shards        []ShardResult  `json:"shards,omitempty"` // shards of a merged run
	Scenario      string         `json:"scenario"`
	Parts         []Part         `json:"parts,omitempty"`      // of a mix of scenarios
	Unfinished    *Unfinished    `json:"unfinished,omitempty"` // nil of a run that has ended
	ClosedLoop    bool           `json:"closedLoop,omitempty"` // clients wait for an answer before they ask again, so that nothing has a due time
	Measured      []string       `json:"measured,omitempty"`   // kinds of latency that the scenario measures, and MeasuresRecovery; none in files of before this field
	Counters      []string       `json:"counters,omitempty"`   // optional counters of the ledgers that this run has, such as CounterSpurious
	Storm         string         `json:"storm,omitempty"`      // how a storm comes about; "" without one, and for StormClose
	Seed          int64          `json:"seed"`
	Clients       map[string]int `json:"clients"` // as configured, by transport
	RatePerSecond float64        `json:"ratePerSecond"`
	PayloadBytes  int            `json:"payloadBytes"`
	InFlight      int            `json:"inFlight,omitempty"` // most messages of a client without an ACK; 0 for no limit
	RampMs        int64          `json:"rampMs"`
	SteadyMs      int64          `json:"steadyMs"`              // the measured part of the run
	SettledMs     int64          `json:"settledMs,omitempty"`   // from its end until nothing was under way any more, or was given up
	LastLoginMs   float64        `json:"lastLoginMs,omitempty"` // time of the last client's login, since the start; 0 without a login
	Impairment    *Impairment    `json:"impairment,omitempty"`  // of the path, by the run itself; nil for none
	Latencies     []Latency      `json:"latencies"`
	Messages      []Ledger       `json:"messages"`
	Gaps          []Gap          `json:"gaps,omitempty"` // examples of messages that did not get through
	Recovery      *Recovery      `json:"recovery,omitempty"`
	FanOut        *FanOut        `json:"fanOut,omitempty"`
	Backlog       *Backlog       `json:"backlog,omitempty"`
	Sessions      Sessions       `json:"sessions"`
	Nodes         []Node         `json:"nodes,omitempty"` // addresses of the target, where a transport has several
	Generator     Generator      `json:"generator"`
	TargetUse     *TargetUse     `json:"targetUse,omitempty"` // nil when nobody watched the target's process
	Timeline      []Sample       `json:"timeline,omitempty"`
	SampleMs      int64          `json:"sampleMs,omitempty"` // length of a sample of the timeline, and of an interval of the histogram logs; 0 for a second
	Trends        []Trend        `json:"trends,omitempty"`   // of a run that was long enough to have any
	Thresholds    []Threshold    `json:"thresholds,omitempty"`
	Stages        []Stage        `json:"stages,omitempty"`  // of the measured part, when it was divided
	Exports       []Export       `json:"exports,omitempty"` // of figures, by receiver; of a merged run those of all shards
}

// ClientCount returns the configured number of clients, on all transports.
func (l *Load) ClientCount() (n int) {
	for _, clients := range l.Clients {
		n += clients
	}
	return n
}

// SentCount returns the number of messages of all kinds that were sent.
func (l *Load) SentCount() (n int64) {
	for _, m := range l.Messages {
		n += m.Sent
	}
	return n
}

// Shard identifies the part of a run that one of several processes did. Everything but
// Index is the same in all of them.
type Shard struct {
	Index      int    `json:"index"`   // from 1 to Of
	Of         int    `json:"of"`      // number of shards; 0 for a run that was not divided
	Run        string `json:"run"`     // distinguishes runs with the same options
	Clients    int    `json:"clients"` // clients of all shards
	WarmupMs   int64  `json:"warmupMs"`
	DurationMs int64  `json:"durationMs"` // as configured
}

// ShardResult is the result of one shard of a merged run.
type ShardResult struct {
	Index         int         `json:"index"`
	Outcome       Outcome     `json:"outcome"`
	Reason        string      `json:"reason"`
	Started       time.Time   `json:"started"`
	Clients       int         `json:"clients"` // clients of this shard
	LatenessP99Us int64       `json:"latenessP99Us"`
	Bottleneck    bool        `json:"bottleneck"`
	Environment   Environment `json:"environment"`
}

// Values of Latency.Transport and Latency.From beside the names of transports.
const (
	AllTransports = "all"
	FromDue       = "due"  // since the due time: a stall of either end shows
	FromSend      = "send" // since the message was sent
)

// Latency is the distribution of one kind of round trip, in microseconds.
type Latency struct {
	Kind      LatencyKind `json:"kind"`
	Transport string      `json:"transport"` // transport of the client that waits; AllTransports for the sum
	From      string      `json:"from"`      // FromDue or FromSend
	Count     int64       `json:"count"`
	MinUs     int64       `json:"minUs"`
	MeanUs    float64     `json:"meanUs"`
	P50Us     int64       `json:"p50Us"`
	P90Us     int64       `json:"p90Us"`
	P99Us     int64       `json:"p99Us"`
	P999Us    int64       `json:"p999Us"`
	MaxUs     int64       `json:"maxUs"`
	Histogram string      `json:"histogram,omitempty"` // HdrHistogram V2, compressed, base64
}

// Ledger is the account of one kind of message.
type Ledger struct {
	Kind         MessageKind `json:"kind"`
	Sent         int64       `json:"sent"`
	Acknowledged int64       `json:"acknowledged"`
	Delivered    int64       `json:"delivered"`  // first copies; 0 for C2S, which no client sees arrive
	Duplicated   int64       `json:"duplicated"` // further copies that arrived
	Retransmits  int64       `json:"retransmits"`
	Lost         int64       `json:"lost"`       // given up by the client's rules
	Pending      int64       `json:"pending"`    // still waiting for an ACK at the end
	Reordered    int64       `json:"reordered"`  // delivered after a later one of the same sender
	TooLate      int64       `json:"tooLate"`    // first copies that arrived after their sender had given them up; not in Delivered
	Missing      int64       `json:"missing"`    // sent, and neither delivered nor too late; 0 for C2S
	LateACKs     int64       `json:"lateAcks"`   // for messages in Lost
	Unexpected   int64       `json:"stray"`      // copies of messages that nobody sent
	Unbalanced   int64       `json:"unbalanced"` // difference between this accounting and the windows of each pair

	// Spurious copies are those of Duplicated that came SpuriousAfter or more after their
	// receiver had acknowledged the message over the same connection, and that no sender of
	// the process had sent again. On UDP the path may have lost the ACK.
	Spurious      int64  `json:"spurious,omitempty"`
	SpuriousUDP   int64  `json:"spuriousUdp,omitempty"`  // of Spurious, those on UDP
	SpuriousDelay Spread `json:"spuriousDelay,omitzero"` // from the latest ACK to a spurious copy
	// CalledLost messages are those that the server reported as lost, by its events, although
	// their receiver had acknowledged them as long before over the connection that it had.
	CalledLost int64 `json:"calledLost,omitempty"`
	// Impaired is what the run did to them on purpose.
	Impaired ImpairedMessages `json:"impaired,omitzero"`
}

// Spread is a distribution of times that are no latency, in microseconds. The zero Spread
// has no values.
type Spread struct {
	P50Us     int64  `json:"p50Us"`
	P99Us     int64  `json:"p99Us"`
	MaxUs     int64  `json:"maxUs"`
	Histogram string `json:"histogram,omitempty"` // HdrHistogram V2 of two digits, compressed, base64
}

// SeenArriving reports whether clients see messages of this kind arrive; of others
// they see the ACK, or the answer.
func (m Ledger) SeenArriving() bool { return m.Kind == MessagesC2C || m.Kind == MessagesS2C }

// Gap is one message that did not get through.
type Gap struct {
	Kind        MessageKind `json:"kind"` // never MessagesEcho
	Fingerprint string      `json:"fingerprint"`
	From        string      `json:"from"`
	To          string      `json:"to"`
	What        string      `json:"what"` // GapLost, GapPending or GapMissing
}

// Values of Gap.What.
const (
	GapLost    = "lost"    // given up by its sender
	GapPending = "pending" // still waiting for an ACK at the end
	GapMissing = "missing" // it did not arrive
)

// Sessions counts what happened to the sessions of the clients.
type Sessions struct {
	LoggedIn    int64            `json:"loggedIn"`    // logins that succeeded
	PeakOnline  int64            `json:"peakOnline"`  // most at once
	AtEnd       int64            `json:"atEnd"`       // still logged in when the run ended
	LostByCause map[string]int64 `json:"lostByCause"` // sessions that ended earlier
	Outages     []Outage         `json:"outages,omitempty"`
}

// Node counts the connections to one address of a target that has several, and has the
// latencies there.
type Node struct {
	Transport string `json:"transport"`
	Host      string `json:"host"`               // as it was named
	Address   string `json:"address"`            // IP address and port
	Opened    int64  `json:"opened"`             // connections that were made
	Failed    int64  `json:"failed"`             // attempts that failed
	Ended     int64  `json:"ended"`              // connections that ended, but for those that the clients closed
	LoggedIn  int64  `json:"loggedIn,omitempty"` // logins that succeeded
	// Latencies are those of logins and messages, since due (echoes since the send), of
	// the clients that are connected there: who waits for an ACK, or receives. Their
	// histograms have two digits. The first 64 addresses of a transport have them.
	Latencies []Latency `json:"latencies,omitempty"`
}

// Outage is a period in which nobody was online, after somebody had been, accurate to
// about a second.
type Outage struct {
	FromMs int64 `json:"fromMs"` // since the start
	ToMs   int64 `json:"toMs"`
}

// Generator describes how the load generator itself performed.
type Generator struct {
	LatenessP50Us      int64   `json:"latenessP50Us"` // lateness of its own sends
	LatenessP99Us      int64   `json:"latenessP99Us"`
	LatenessMaxUs      int64   `json:"latenessMaxUs"`
	LatenessHistogram  string  `json:"latenessHistogram,omitempty"` // HdrHistogram V2, compressed, base64
	DroppedArrivals    int64   `json:"droppedArrivals"`             // sends that were due and could not be started
	CPUSeconds         float64 `json:"cpuSeconds"`                  // CPU time of this process, with the server when it runs inside
	ResidentBytes      int64   `json:"residentBytes"`               // memory of this process at the end of the steady part
	OfflineArrivals    int64   `json:"offlineArrivals"`             // sends that were due while their client was not logged in
	ImpairedArrivals   int64   `json:"impairedArrivals,omitempty"`  // sends that were due while the run's own impairment of the path kept their client from its login
	BlockedArrivals    int64   `json:"blockedArrivals"`             // sends that waited for ACKs of earlier ones until the end, or too long
	PausedMs           int64   `json:"pausedMs,omitempty"`          // the longest time in which this process was stopped
	ThrottledMs        int64   `json:"throttledMs,omitempty"`       // for which a CPU quota kept its threads from running
	WaitedMs           int64   `json:"waitedMs,omitempty"`          // for which its threads could have run, but other programs had the processors
	StolenMs           int64   `json:"stolenMs,omitempty"`          // for which the host of a virtual machine did not run its processors
	GCs                int64   `json:"gcs"`                         // garbage collections
	GCPauseTotalUs     int64   `json:"gcPauseTotalUs"`              // for which the whole process was stopped
	GCPauseMaxUs       int64   `json:"gcPauseMaxUs"`                // among the last 256
	OpenFiles          int64   `json:"openFiles"`                   // at the end of the steady part; 0 when unknown
	BytesPerClient     int64   `json:"bytesPerClient"`              // growth of the resident size from before the first client; 0 when unknown
	ServerInProcess    bool    `json:"serverInProcess"`             // CPU and memory include it then
	Bottleneck         bool    `json:"bottleneck"`                  // the figures describe the generator, not the target
	BottleneckEvidence string  `json:"bottleneckEvidence,omitempty"`
}

// Sample is one second of a run, or as long as Load.SampleMs says.
type Sample struct {
	AtMs      int64 `json:"atMs"` // since the start
	Online    int64 `json:"online"`
	Sent      int64 `json:"sent"` // messages, during the sample as all counts
	Delivered int64 `json:"delivered"`
	Errors    int64 `json:"errors"`
	LoggedIn  int64 `json:"loggedIn,omitempty"` // logins
	P50Us     int64 `json:"p50Us"`              // since due, of deliveries or echoes
	P99Us     int64 `json:"p99Us"`
	LateP99Us int64 `json:"lateP99Us,omitempty"` // lateness of the generator's own sends that count; 0 without any, and in files of older programs

	// Lost messages are those of Errors that were given up or refused; 0 in files of older
	// programs.
	Lost int64 `json:"lost,omitempty"`

	GeneratorCPU float64       `json:"generatorCpu,omitempty"` // processors that this process kept busy; 0 in files of older programs
	Target       *TargetSample `json:"target,omitempty"`       // nil when nothing was read
}

// Threshold is a bound that the user set, and whether it held.
type Threshold struct {
	Expression string  `json:"expression"`
	Actual     float64 `json:"actual"` // in the unit of the expression
	Unit       string  `json:"unit,omitempty"`
	Held       bool    `json:"held"`
	Note       string  `json:"note,omitempty"`     // reason that there is nothing to compare
	Unknown    bool    `json:"unknown,omitempty"`  // this run cannot determine the figure; Note says why
	EndedRun   bool    `json:"endedRun,omitempty"` // Actual is the figure at the time it was crossed
	// EndedShards lists the shards of a merged run that the threshold has ended.
	// Actual is the figure of the whole run all the same.
	EndedShards []int `json:"endedShards,omitempty"`
}

// Recovery describes how the clients that a storm disconnected came back. Times are
// since they were disconnected; where the network was away, since it was back.
type Recovery struct {
	AtMs     int64   `json:"atMs"`   // time of their disconnection, since the start
	TookMs   float64 `json:"tookMs"` // until the last of them was disconnected
	Dropped  int64   `json:"dropped"`
	Returned int64   `json:"returned"`
	KeptOut  int64   `json:"keptOut,omitempty"` // of those that have not returned, whom the run's own impairment of the path has kept out
	P50Ms    float64 `json:"p50Ms"`             // until half of them were logged in again; -1 when they never were
	P99Ms    float64 `json:"p99Ms"`             // the same for 99 %
	P100Ms   float64 `json:"p100Ms"`            // and for all
	Silent   *Silent `json:"silent,omitempty"`
	Away     *Away   `json:"away,omitempty"`
}

// ComparedFrom returns the origin from which latencies of a kind are compared: a closed
// loop has times since send only.
func (l *Load) ComparedFrom(kind LatencyKind) string {
	if slices.ContainsFunc(l.Latencies, func(row Latency) bool { return row.Kind == kind && row.From == FromDue }) {
		return FromDue
	}
	return FromSend
}

// At returns the 50th, 99th or 99.9th percentile of a latency, in microseconds.
func (l Latency) At(percentile float64) int64 {
	return map[float64]int64{50: l.P50Us, 99: l.P99Us, 99.9: l.P999Us}[percentile]
}
