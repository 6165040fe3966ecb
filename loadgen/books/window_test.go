package books

import (
	"slices"
	"testing"
)

func TestWindow(t *testing.T) {
	type step struct {
		n     uint32
		isNew bool
		want  Sighting
	}
	tests := []struct {
		name    string
		steps   []step
		end     uint32 // numbers that were sent
		missing []uint32
		skipped uint32
	}{
		{"in order", []step{{0, true, SightedNew}, {1, true, SightedNew}, {2, true, SightedNew}}, 3, nil, 0},
		{"one twice", []step{{0, true, SightedNew}, {0, false, SightedAgain}}, 1, nil, 0},
		{"twice, and the rules have forgotten", []step{{0, true, SightedNew}, {0, true, SightedAgain}}, 1, nil, 0},
		{"twice within the window", []step{{1, true, SightedNew}, {1, true, SightedAgain}}, 2, []uint32{0}, 0},
		{"overtaken", []step{{1, true, SightedNew}, {0, true, SightedReordered}, {2, true, SightedNew}}, 3, nil, 0},
		{"one missing", []step{{0, true, SightedNew}, {2, true, SightedNew}}, 3, []uint32{1}, 0},
		{"the last ones missing", []step{{0, true, SightedNew}}, 3, []uint32{1, 2}, 0},
		{"nothing came", nil, 2, []uint32{0, 1}, 0},
		{"the last of the window", []step{{63, true, SightedNew}, {0, true, SightedReordered}}, 1, nil, 0},
		{"taken for missing", []step{{64, true, SightedNew}}, 1, nil, 1},
		{"taken for missing, and came", []step{{64, true, SightedNew}, {0, true, SightedLate}}, 1, nil, 0},
		{"taken for missing, and came twice", []step{{64, true, SightedNew}, {0, true, SightedLate}, {0, false, SightedAgain}}, 1, nil, 0},
		{"far ahead", []step{{3, true, SightedNew}, {1000, true, SightedNew}, {1001, true, SightedNew}}, 0, nil, 937},
		{"from nobody", []step{{MaxAhead, true, SightedUnexpected}}, 1, []uint32{0}, 0},
		{"the highest number", []step{{1<<32 - 1, true, SightedUnexpected}}, 0, nil, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var w Window
			for _, s := range test.steps {
				if got := w.See(s.n, s.isNew); got != s.want {
					t.Errorf("%d is %d, want %d", s.n, got, s.want)
				}
			}
			if got := w.Missing(test.end, 10); !slices.Equal(got, test.missing) || w.skipped != test.skipped {
				t.Errorf("missing are %v and %d more, want %v and %d", got, w.skipped, test.missing, test.skipped)
			}
		})
	}
}

// However numbers come, those that have come are counted once each, as a map
// of all of them would.
func FuzzWindow(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3})
	f.Add([]byte{9, 0, 200, 3, 3, 255, 0})
	f.Add([]byte{70, 0, 70, 140, 1, 2})
	f.Fuzz(func(t *testing.T, steps []byte) {
		var w Window
		seen := map[uint32]bool{}
		for i, b := range steps {
			n := uint32(i/4)*8 + uint32(b)
			got := w.See(n, !seen[n])
			if again := got == SightedAgain; again != seen[n] {
				t.Fatalf("step %d: %d is %d, seen before: %t", i, n, got, seen[n])
			}
			seen[n] = true
			if int(w.Came()) != len(seen) {
				t.Fatalf("step %d: %d have come, want %d", i, w.Came(), len(seen))
			}
		}
		for _, n := range w.Missing(w.base+2*windowSize, 2*windowSize) {
			if seen[n] {
				t.Fatalf("%d is missing and has come", n)
			}
		}
	})
}
