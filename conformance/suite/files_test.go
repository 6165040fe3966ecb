package suite

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Cases run at once as long as there are files for them.
func TestFilesBoundWhatRunsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var open, most int
		count := func(files int) {
			mu.Lock()
			defer mu.Unlock()
			open += files
			most = max(most, open)
		}
		var items []Item
		for i := range 40 {
			item := itemOf(fmt.Sprint("case-", i), nil)
			if i%10 == 0 {
				item.Opens = 15
			}
			item.Run = func(scene Scene) {
				s := scene.(*testScene)
				count(item.Files())
				s.Wait(time.Second)
				count(-item.Files())
			}
			items = append(items, item)
		}
		started := time.Now()
		if _, err := Run(t.Context(), testWorld{}, items, Options{Files: 20, Parallel: 0}); err != nil {
			t.Fatal(err)
		}
		if most > 20 || most < 15 {
			t.Errorf("%d files were open, 20 are there", most)
		}
		if took := time.Since(started); took < 10*time.Second || took > 15*time.Second {
			t.Errorf("cases of a second with 204 files, 20 at once, took %v", took)
		}
		if together, largest := FilesNeeded(items, 0); together != 204 || largest != 15 {
			t.Errorf("together %d, the largest %d", together, largest)
		}
		if together, largest := FilesNeeded(items, 5); together != 4*15+4 || largest != 15 {
			t.Errorf("five at once %d, the largest %d", together, largest)
		}
	})
}
