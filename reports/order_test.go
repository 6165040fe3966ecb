package reports

import (
	"slices"
	"testing"
)

func TestCompareModes(t *testing.T) {
	if !slices.IsSortedFunc([]string{"3S", "5S", "10S", "120S", "?"}, CompareModes) {
		t.Error("sense modes are not in the order of their seconds")
	}
}
