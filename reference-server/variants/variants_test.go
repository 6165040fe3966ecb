package variants_test

import (
	"strings"
	"testing"

	"imcheck/reference-server/variants"
)

func TestFind(t *testing.T) {
	for name, help := range map[string]string{
		"no-such-variant": "--list-variants", "": "--list-variants", "ANSWERS-LATE": "--list-variants",
		"answers-early": "answers-late, answers-uneven", "datagrams-missing": "datagrams-lost",
	} {
		found, err := variants.Find([]string{"answers-late", name})
		if err == nil || found != nil || !strings.Contains(err.Error(), help) || !strings.Contains(err.Error(), name) {
			t.Errorf("%q: found %v, %v; want an error that names it and %q", name, found, err, help)
		}
	}
	if found, err := variants.Find(nil); err != nil || len(found) != 0 {
		t.Errorf("no names: %v, %v", found, err)
	}
}
