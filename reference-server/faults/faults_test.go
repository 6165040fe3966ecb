package faults_test

import (
	"slices"
	"strings"
	"testing"

	"imcheck/reference-server/faults"
)

func TestFind(t *testing.T) {
	for _, names := range [][]string{{"no-such-fault"}, {""}, {"close-missing", "no-such-fault"}, {"CLOSE-MISSING"}} {
		found, err := faults.Find(names)
		if err == nil || found != nil {
			t.Errorf("%q: found %v, %v; want an error", names, found, err)
		} else if !strings.Contains(err.Error(), "--list-faults") || !strings.Contains(err.Error(), names[len(names)-1]) {
			t.Errorf("%q: error %q does not help", names, err)
		}
	}
	if found, err := faults.Find(nil); err != nil || len(found) != 0 {
		t.Errorf("no names: %v, %v", found, err)
	}
}

// The list that is given out cannot be used to change the faults.
func TestAllCopies(t *testing.T) {
	faults.All()[0].Name = "other"
	if _, err := faults.Find([]string{"other"}); err == nil {
		t.Error("the list was changed")
	}
}

// Each fault sits somewhere, and in more than one place only where what it changes on
// the way out depends on what came in.
func TestPlaces(t *testing.T) {
	seen := map[faults.Place]int{}
	for _, f := range faults.All() {
		places := f.Places()
		if len(places) == 0 {
			t.Errorf("%s sits nowhere", f.Name)
		}
		if len(places) > 1 && !slices.Equal(places, []faults.Place{faults.PlaceInbound, faults.PlaceEffects}) {
			t.Errorf("%s sits in %q", f.Name, places)
		}
		for _, place := range places {
			seen[place]++
		}
	}
	for _, place := range []faults.Place{
		faults.PlacePolicy, faults.PlaceListener, faults.PlaceApplication, faults.PlaceActivity,
		faults.PlaceInbound, faults.PlaceEffects, faults.PlaceBridge, faults.PlaceTCP, faults.PlaceWebSocket,
	} {
		if seen[place] == 0 {
			t.Errorf("no fault sits in %s", place)
		}
		delete(seen, place)
	}
	if len(seen) > 0 {
		t.Errorf("places that have no constant: %v", seen)
	}
}
