package suite

import (
	"cmp"
	"slices"
)

// usualOpens bounds the connections that a case has open at once, unless it says
// otherwise.
const usualOpens = 4

// Files returns the largest number of open files that the item takes: its connections,
// and one to the control API.
func (i Item) Files() int {
	files := cmp.Or(i.Opens, usualOpens)
	if len(i.Needs) > 0 {
		files++
	}
	return files
}

// FilesNeeded returns how many open files any so many of the items (0 for all) take at
// once, and how many the largest one takes alone.
func FilesNeeded(items []Item, parallel int) (together, largest int) {
	files := make([]int, len(items))
	for i, item := range items {
		files[i] = item.Files()
	}
	return mostAtOnce(files, parallel)
}

// mostAtOnce returns the most that any so many of the counts (0 for all) come to together,
// and the largest one. It changes their order.
func mostAtOnce(counts []int, parallel int) (together, largest int) {
	slices.SortFunc(counts, func(a, b int) int { return b - a })
	if parallel > 0 {
		counts = counts[:min(parallel, len(counts))]
	}
	for _, n := range counts {
		together, largest = together+n, max(largest, n)
	}
	return together, largest
}

// slots bounds the items that run at once, and the files that they take.
type slots struct {
	items chan struct{}
	files chan struct{} // nil without a bound
}

func newSlots(items []Item, o Options) slots {
	p := slots{items: make(chan struct{}, max(1, len(items)))}
	if o.Parallel > 0 {
		p.items = make(chan struct{}, o.Parallel)
	}
	if o.Files > 0 {
		_, largest := FilesNeeded(items, 0)
		p.files = make(chan struct{}, max(o.Files, largest))
	}
	return p
}

// acquire waits until there is a slot for an item; it is called by one goroutine. The
// function that it returns frees the slot.
func (p slots) acquire(item Item) (release func()) {
	p.items <- struct{}{}
	files := 0
	if p.files != nil {
		files = item.Files()
	}
	for range files {
		p.files <- struct{}{}
	}
	return func() {
		for range files {
			<-p.files
		}
		<-p.items
	}
}
