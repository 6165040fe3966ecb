package options

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"imcheck/reports"
)

// Ways in which a storm comes about.
const (
	StormClose  = reports.StormClose  // connections are closed, without a logout
	StormSilent = reports.StormSilent // connections are abandoned, without a word
	StormGone   = reports.StormAway   // the network is away for a while, for everybody
)

// StormKinds are the values of StormHow.
var StormKinds = []string{StormClose, StormSilent, StormGone}

// What clients of a silent storm log in with when they return.
const (
	LoginKept = "kept" // the first login time that they had, as after a change of networks
	LoginNew  = "new"  // none, as after a restart
	LoginBoth = "both" // in turn
)

// StormLogins are the values of StormLogin.
var StormLogins = []string{LoginBoth, LoginKept, LoginNew}

// defaultStormShare is the percentage of the clients that a storm drops when nothing is said.
const defaultStormShare = 50

// DefaultStormAway is for how long the network is away when nothing is said.
const DefaultStormAway = 10 * time.Second

// StormAbsence returns for how long the network is away in a storm of that kind, 0 in
// another one.
func (o *Options) StormAbsence() time.Duration {
	if o.StormHow != StormGone {
		return 0
	}
	return cmp.Or(o.StormAway, DefaultStormAway)
}

// StormBegin returns when a storm comes, since the start of the part that counts.
func (o *Options) StormBegin() time.Duration { return cmp.Or(o.StormAt, o.Duration/4) }

func (o *Options) checkStorm() string {
	if !slices.Contains(StormKinds, o.StormHow) {
		return fmt.Sprintf("%q is unknown: use %s", o.StormHow, strings.Join(StormKinds, ", "))
	}
	return ""
}

func (o *Options) checkStormLogin() string {
	switch {
	case o.StormLogin == "" || o.StormLogin == LoginBoth:
		return ""
	case o.StormHow != StormSilent:
		return fmt.Sprintf("only clients of a storm that is %s choose what they log in with: leave it out, or use how: %s", StormSilent, StormSilent)
	case !slices.Contains(StormLogins, o.StormLogin):
		return fmt.Sprintf("%q is unknown: use %s", o.StormLogin, strings.Join(StormLogins, ", "))
	}
	return ""
}

func (o *Options) checkStormAway() string {
	switch {
	case o.StormHow != StormGone && o.StormAway != 0 && o.StormAway != DefaultStormAway:
		return fmt.Sprintf("the network stays where it is in a storm that is not %s: leave it out, or use how: %s", StormGone, StormGone)
	case o.StormHow != StormGone:
		return ""
	}
	absence := o.StormAbsence()
	if reason := timeBetween(absence, time.Millisecond, maxAway); reason != "" {
		return reason
	}
	if o.StormBegin()+absence >= o.Duration {
		return fmt.Sprintf("%v from %v on are not over within the part that counts, which takes %v: use less, an earlier storm.at, or a longer duration", absence, o.StormBegin(), o.Duration)
	}
	return ""
}
