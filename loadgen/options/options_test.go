package options

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/reports"
	"imcheck/reports/content"
)

// The options that make two loads the same here are those that reports compare.
func TestIdentityIsThatOfReports(t *testing.T) {
	want := []string{"--scenario"}
	for _, o := range All {
		switch {
		case !o.Identity:
		case o.Flag == "":
			want = append(want, o.Key)
		default:
			want = append(want, "--"+o.Flag)
		}
	}
	var got []string
	for _, term := range content.LoadTerms(&reports.Load{}) {
		got = append(got, term.Flag)
	}
	if !slices.Equal(got, want) {
		t.Errorf("reports are compared by %q, options say %q", got, want)
	}
}

// Every entry has a value of its own, or shares it with one of another scenario.
func TestCopyCopiesOneOption(t *testing.T) {
	given := Options{
		Clients: 1, Ramp: 2, Warmup: 3, Duration: 4, Stages: []Stage{{For: 15}}, RampDown: 5, Impair: []string{"drop=1%"}, Rate: 6, Payload: 7, InFlight: 8, Seed: 9,
		ThinkTime: 10, Groups: []int{11}, StormShare: 12, StormAt: 13, StormHow: "a", StormLogin: "b", StormAway: 21, Away: 14, FanOut: 18, BacklogShare: 19, BacklogAway: 20, Mix: []MixPart{{Weight: 16}}, MixRates: []MixRate{{Rate: 17}},
	}
	for _, o := range All {
		var into Options
		o.Copy(&into, &given)
		for _, other := range All {
			set := slices.Contains([]string{o.Key, sharedBy[o.Key]}, other.Key)
			if got := isSet(other.Field(&into)); got != set {
				t.Errorf("with %s copied, %s is set: %t", o.Key, other.Key, got)
			}
		}
	}
}

// sharedBy has the keys that set the same as another one.
var sharedBy = map[string]string{ChatThinkTime: EchoThinkTime, EchoThinkTime: ChatThinkTime}

func isSet(field any) bool {
	switch value := field.(type) {
	case *int:
		return *value != 0
	case *int64:
		return *value != 0
	case *float64:
		return *value != 0
	case *time.Duration:
		return *value != 0
	case *string:
		return *value != ""
	case *[]int:
		return *value != nil
	case *[]string:
		return *value != nil
	case *[]Stage:
		return *value != nil
	case *[]MixPart:
		return *value != nil
	case *[]MixRate:
		return *value != nil
	}
	return false
}

func TestUses(t *testing.T) {
	keys := []string{Rate, ChatThinkTime, ChatGroups}
	for key, want := range map[string]bool{
		"rate": true, "payload": false, "chat": true, "storm": false, "clients": true, "scenario": true, "thresholds": true,
	} {
		if got := Uses(keys, key); got != want {
			t.Errorf("%s is used: %t, want %t", key, got, want)
		}
	}
}

// What a scenario does not look at may have any value.
func TestCheckPassesOverWhatIsNotUsed(t *testing.T) {
	o := Defaults("idle")
	o.Rate = math.NaN()
	if err := o.Check(nil); err != nil {
		t.Error(err)
	}
	if err := o.Check([]string{Rate}); err == nil || !strings.HasPrefix(err.Error(), "rate: NaN a second is out of range") {
		t.Errorf("got %v", err)
	}
}
