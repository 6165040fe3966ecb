// Package options has what a user can say about a load, in one table: the flags of the
// command line, the keys of a scenario file, the bounds and what makes two loads the same
// all follow from it.
package options

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Options say what the clients of a load do. Each scenario looks at what it needs.
type Options struct {
	Scenario string // name of a scenario
	Clients  int
	// Ramp is the time in which the clients log in, evenly spread. Messages are
	// sent from its end on, and counted after Warmup for Duration.
	Ramp, Warmup, Duration time.Duration
	// Stages divide the time that counts into parts with loads of their own; nil for one
	// load throughout. Duration is their sum then.
	Stages []Stage
	// RampDown is the time in which the clients log out, evenly spread, once what
	// was under way at the end is over.
	RampDown time.Duration
	// Impair are specs for impair.Parse: what is done to the path to the target on purpose; nil
	// for nothing.
	Impair []string
	// Rate is the number of messages a second that the whole swarm sends or is sent; in a
	// churn, the number of clients that leave.
	Rate    float64
	Payload int // bytes of a message's dataContent
	// InFlight is the largest number of messages of a client without an ACK, its in-flight
	// limit, up to a million; what is due meanwhile waits, and its latency counts
	// from its due time. 0 means no limit.
	InFlight int
	Seed     int64 // seed for the order in which clients have their turns
	// ThinkTime is the time between two sends of a client of a chat, at least a millisecond,
	// and the wait of one of an echo between an answer and the next question;
	// up to an hour.
	ThinkTime time.Duration
	// Groups are the sizes of the conversations of a chat, which the clients are
	// divided into in turn; 2 to 16 each. A client that is left over joins the last one.
	Groups []int
	// FanOut is the size of the groups of a fan-out, which the clients are divided into in
	// turn; 2 to 500. A client that is left over joins the last one.
	FanOut int
	// StormShare is the percentage of the clients that a storm drops, over 0 to 100.
	StormShare float64
	// StormAt is the time of the drop, since the start of the part that counts. 0 is a
	// quarter of it.
	StormAt time.Duration
	// StormHow is one of StormKinds.
	StormHow string
	// StormLogin is one of StormLogins, of a silent storm; LoginBoth in another one. "" means
	// LoginBoth.
	StormLogin string
	// StormAway is for how long the network is away, up to an hour; DefaultStormAway in a storm
	// in which it stays. 0 means DefaultStormAway.
	StormAway time.Duration
	// Mix are the parts of a mix; nil for those of the built-in one.
	Mix []MixPart
	// MixRates are the rates, as Rate, of parts of a mix. Another part has what its scenario
	// has by default, for as many clients.
	MixRates []MixRate
	// BacklogShare is the percentage of the clients that are away in a backlog, over 0 to
	// less than 100; BacklogAway is for how long, 21 s to an hour, from the start of the part
	// that counts. Messages are sent to them in all but the first second and the last 19 s.
	BacklogShare float64
	BacklogAway  time.Duration
	// Away is the time that a client of a churn spends between its logout and its
	// next login, up to an hour.
	Away time.Duration
}

// Defaults returns the options of a load that says nothing but its scenario, before the
// scenario has its say.
func Defaults(scenario string) Options {
	return Options{
		Scenario: scenario, Clients: 100, Ramp: 5 * time.Second, Warmup: time.Second, Duration: 30 * time.Second,
		Rate: 100, Payload: 100, Seed: 1,
		ThinkTime: 5 * time.Second, Groups: []int{2, 5}, FanOut: 100, StormShare: defaultStormShare, StormHow: StormClose, StormLogin: LoginBoth, StormAway: DefaultStormAway, Away: 2 * time.Second, BacklogShare: 20, BacklogAway: 25 * time.Second,
	}
}

// Error reports an option of a load that has a value that cannot be used.
type Error struct {
	Option string // key of an entry of All, or one of the names in this package
	Reason string // and what to use instead
	Err    error  // the cause; may be nil
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) Error() string { return e.Option + ": " + e.Reason }

// Refuse returns the *Error about an option, with a reason as fmt.Sprintf formats it.
func Refuse(option, format string, arguments ...any) error {
	return &Error{Option: option, Reason: fmt.Sprintf(format, arguments...)}
}

// Names of what a load is given besides the options of the table.
const (
	Scenario   = "scenario"
	Thresholds = "thresholds"
	Target     = "target"
	Users      = "users"
	Transports = "transports"
	SenseModes = "senseModes"
	Control    = "control"
	Sources    = "sources"
	ShardOf    = "shard"
	Start      = "start"
)

// Option is one entry of the table.
type Option struct {
	Key      string // in a scenario file; after a dot, below the key of its scenario
	Flag     string // on the command line, without dashes; "" for none
	Help     string // help of the flag
	Common   bool   // every scenario looks at it
	Identity bool   // loads that differ in it are not compared, nor merged

	field func(*Options) any
	check func(*Options) string // returns the fault of the value, "" for none
}

// Field returns a pointer to the option's value: an *int, *int64, *float64, *string,
// *[]int, *[]string, *[]Stage, *[]MixPart, *[]MixRate or *time.Duration.
func (o Option) Field(of *Options) any { return o.field(of) }

// Copy sets the option to what it is in other options.
func (o Option) Copy(into, from *Options) {
	switch value := o.field(into).(type) {
	case *int:
		*value = *o.field(from).(*int)
	case *int64:
		*value = *o.field(from).(*int64)
	case *float64:
		*value = *o.field(from).(*float64)
	case *string:
		*value = *o.field(from).(*string)
	case *[]int:
		*value = *o.field(from).(*[]int)
	case *[]string:
		*value = *o.field(from).(*[]string)
	case *[]Stage:
		*value = *o.field(from).(*[]Stage)
	case *[]MixPart:
		*value = *o.field(from).(*[]MixPart)
	case *[]MixRate:
		*value = *o.field(from).(*[]MixRate)
	case *time.Duration:
		*value = *o.field(from).(*time.Duration)
	}
}

// UsedBy reports whether a scenario that uses these keys looks at the option.
func (o Option) UsedBy(keys []string) bool { return o.Common || slices.Contains(keys, o.Key) }

// Uses reports whether a scenario that uses these keys looks at what a key of a scenario
// file sets, which may be that of a mapping.
func Uses(keys []string, key string) bool {
	for _, o := range All {
		if (o.Key == key || strings.HasPrefix(o.Key, key+".")) && !o.UsedBy(keys) {
			return false
		}
	}
	return true
}

// Check refuses values out of range, of the options that are looked at. The error is an
// *Error.
func (o *Options) Check(keys []string) error {
	if err := o.checkStages(keys); err != nil {
		return err
	}
	if err := o.checkMix(keys); err != nil {
		return err
	}
	for _, option := range All {
		if !option.UsedBy(keys) {
			continue
		}
		if reason := option.check(o); reason != "" {
			return &Error{Option: option.Key, Reason: reason}
		}
	}
	return nil
}

// timeBetween checks a time against its bounds.
func timeBetween(value, lowest, highest time.Duration) string {
	if value < lowest || value > highest {
		return fmt.Sprintf("%v is out of range: use %v to %v", value, lowest, highest)
	}
	return ""
}
