package reports

// KindCapacity is the Header.Kind of a search for the capacity of a target.
const KindCapacity = "capacity"

// Names of files and folders in the folder of a search.
const (
	CapacityFile = "capacity.json"
	StepsFolder  = "steps" // one folder with the report of its load for each step
)

// What a search varies.
const (
	SearchRate    = "rate"
	SearchClients = "clients"
)

// Capacity is the report of a search for the highest load at which all thresholds hold
// ("capacity.json"). A load is in the unit of the search: clients, or events a second.
type Capacity struct {
	Header
	Search   string `json:"search"` // SearchRate or SearchClients
	Unit     string `json:"unit"`   // of a load, such as "messages a second"
	Scenario string `json:"scenario"`
	Seed     int64  `json:"seed"`

	// What was asked for.
	Clients           int      `json:"clients,omitempty"`       // of every step; 0 when the search varies them
	RatePerSecond     float64  `json:"ratePerSecond,omitempty"` // of every step; 0 when the search varies it, or the scenario has none
	From              float64  `json:"from"`                    // lowest load that may be tried
	To                float64  `json:"to"`                      // highest load that may be tried
	ToReason          string   `json:"toReason,omitempty"`      // reason that the generator cannot have more; "" when the user chose To
	WithinPercent     float64  `json:"withinPercent"`           // largest distance of the bounds
	WarmupMs          int64    `json:"warmupMs"`                // of each step
	CountedMs         int64    `json:"countedMs"`               // measured time of each step
	RecoveryMs        int64    `json:"recoveryMs"`              // least pause between two steps
	MaxSteps          int      `json:"maxSteps"`
	MaxDurationMs     int64    `json:"maxDurationMs"`
	Thresholds        []string `json:"thresholds"`
	DefaultThresholds bool     `json:"defaultThresholds,omitempty"` // the user named none

	Impairment *Impairment `json:"impairment,omitempty"` // of the path in each step, without counts; nil for none

	// What came of it.
	Ending    Ending         `json:"ending"`
	Lower     float64        `json:"lower,omitempty"` // highest load that holds below Upper; 0 for none
	Upper     float64        `json:"upper,omitempty"` // lowest load that does not hold; 0 for none
	Confirmed bool           `json:"confirmed"`       // two steps have held at Lower
	GaveWay   *GaveWay       `json:"gaveWay,omitempty"`
	Steps     []CapacityStep `json:"steps"`
	// ServerInProcess reports that the CPU of the generator includes that of the server.
	ServerInProcess bool `json:"serverInProcess,omitempty"`

	Exports []Export `json:"exports,omitempty"` // of figures, by receiver: those of all steps
}

// Ending is how a search ended.
type Ending string

// The endings.
const (
	EndingFound       Ending = "found"       // both bounds are known, as close as asked for
	EndingReached     Ending = "reached"     // the highest load that was to be tried holds
	EndingBelow       Ending = "below"       // the lowest load that was to be tried does not hold
	EndingLimited     Ending = "limited"     // the generator did not keep up
	EndingGone        Ending = "gone"        // no client could log in any more
	EndingInterrupted Ending = "interrupted" // by the user
	EndingExhausted   Ending = "exhausted"   // the steps did not agree within as many of them as there may be
)

// Endings lists every ending.
var Endings = []Ending{EndingFound, EndingReached, EndingBelow, EndingLimited, EndingGone, EndingInterrupted, EndingExhausted}

// Came is what a step of a search came to.
type Came string

// The results of a step.
const (
	CameHeld        Came = "held"        // every threshold held, and nothing was lost
	CameGaveWay     Came = "gave way"    // a threshold was crossed, or the run failed for a reason of its own
	CameUnusable    Came = "unusable"    // the figures are not the target's: the generator did not keep up
	CameUnreachable Came = "unreachable" // no client could log in
	CameInterrupted Came = "interrupted" // by the user
)

// Cames lists what a step may come to.
var Cames = []Came{CameHeld, CameGaveWay, CameUnusable, CameUnreachable, CameInterrupted}

// Why is the reason for a step of a search.
type Why string

// The reasons. WhyAgain is a load whose steps have not agreed yet, or of which one said
// nothing.
const (
	WhyDoubling   Why = "doubling"
	WhyNarrowing  Why = "narrowing"
	WhyAgain      Why = "again"
	WhyConfirming Why = "confirming"
)

// Whys lists every reason.
var Whys = []Why{WhyDoubling, WhyNarrowing, WhyAgain, WhyConfirming}

// GaveWay says what did not hold at the upper bound.
type GaveWay struct {
	Step       int     `json:"step"`                 // number of the step
	Expression string  `json:"expression,omitempty"` // first threshold that was crossed; "" when the step failed for another reason
	Actual     float64 `json:"actual,omitempty"`     // in the unit of the expression
	Unit       string  `json:"unit,omitempty"`
	Reason     string  `json:"reason"` // in one sentence
}

// CapacityStep is one run at one load, of which Folder has the report.
type CapacityStep struct {
	Number int     `json:"number"` // from 1 on
	Load   float64 `json:"load"`
	Why    Why     `json:"why"`
	Came   Came    `json:"came"`
	Reason string  `json:"reason,omitempty"` // that it did not hold
	Folder string  `json:"folder,omitempty"` // below that of the search, with slashes; "" when nothing was saved

	StartedMs  int64 `json:"startedMs"` // since the start of the search
	DurationMs int64 `json:"durationMs"`
	PauseMs    int64 `json:"pauseMs"`          // before it, with the probes
	Probes     int   `json:"probes,omitempty"` // short loads in the pause that showed whether the target had recovered

	Offered  float64 `json:"offered"`  // load that was made
	Achieved float64 `json:"achieved"` // part of it that the target kept up with

	// The latency that users notice most, since due.
	Latency LatencyKind `json:"latency,omitempty"` // "" when none was measured
	P50Us   int64       `json:"p50Us"`
	P99Us   int64       `json:"p99Us"`
	P999Us  int64       `json:"p999Us"`
	MaxUs   int64       `json:"maxUs"`

	LostMessages int64 `json:"lostMessages"` // given up, still without an ACK, or missing
	LostSessions int64 `json:"lostSessions"`

	LatenessP99Us       int64    `json:"latenessP99Us"`              // lateness of the generator's own sends
	GeneratorCPUPercent float64  `json:"generatorCPUPercent"`        // percent of one processor
	TargetCPUPercent    *float64 `json:"targetCPUPercent,omitempty"` // the same of the target; nil when it is not known

	Thresholds []Threshold `json:"thresholds,omitempty"`
}
