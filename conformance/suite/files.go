package suite

import (
	"cmp"
	"slices"
)

// usualOpens is how many connections a case has open at most that does not say so.
const usualOpens = 4

// Files is how many open files the item takes at most: its connections, and one to
// the control API.
func (i Item) Files() int {
	files := cmp.Or(i.Opens, usualOpens)
	if len(i.Needs) > 0 {
		files++
	}
	return files
}

// FilesNeeded returns how many open files items take when so many of them, 0 for all,
// run at once, whichever they are, and how many the largest one takes alone.
func FilesNeeded(items []Item, parallel int) (together, largest int) {
	files := make([]int, len(items))
	for i, item := range items {
		files[i] = item.Files()
	}
	slices.SortFunc(files, func(a, b int) int { return b - a })
	if parallel > 0 {
		files = files[:min(parallel, len(files))]
	}
	for _, n := range files {
		together, largest = together+n, max(largest, n)
	}
	return together, largest
}

// places bounds what runs at once: items, and the files that they take.
type places struct {
	items chan struct{}
	files chan struct{} // nil when there is no bound
}

func newPlaces(items []Item, o Options) places {
	p := places{items: make(chan struct{}, max(1, len(items)))}
	if o.Parallel > 0 {
		p.items = make(chan struct{}, o.Parallel)
	}
	if o.Files > 0 {
		_, largest := FilesNeeded(items, 0)
		p.files = make(chan struct{}, max(o.Files, largest))
	}
	return p
}

// take waits until there is a place for an item; it is called by one goroutine. The
// function that it returns gives the place back.
func (p places) take(item Item) (give func()) {
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
