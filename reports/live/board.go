package live

import (
	"sync"
	"time"
)

// Board has the latest state of a run, and renders it for all who look on at once. Make one with
// NewBoard, and Close it. Its methods may be called from any goroutine.
type Board struct {
	// Latencies of the load that is under way. A log of its intervals has to write to them.
	Latencies Latencies

	now    func() time.Time
	closed chan struct{}
	close  sync.Once
	places chan struct{} // holds an element for each stream that is open

	mu      sync.Mutex
	state   State
	version int           // of the state
	changed chan struct{} // closed once there is another version

	rendering sync.Mutex
	rendered  update // latest
	charts    charts
}

// NewBoard returns the board of a run that has not begun yet.
func NewBoard(title string) *Board {
	return &Board{
		now: time.Now, closed: make(chan struct{}), changed: make(chan struct{}), places: make(chan struct{}, maxStreams),
		state: State{Title: title, Phase: "starting"}, version: 1,
	}
}

// Update changes the state, and lets everybody know who looks on. What change puts into it must
// not be changed by others afterwards.
func (b *Board) Update(change func(*State)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.state)
	b.version++
	close(b.changed)
	b.changed = make(chan struct{})
}

// Close ends all streams once they have had the latest state.
func (b *Board) Close() { b.close.Do(func() { close(b.closed) }) }

// latest returns the state, its version, and what is closed once there is another.
func (b *Board) latest() (s State, version int, changed <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state.clone(), b.version, b.changed
}

// snapshot returns the state with the latencies, which are added up only for who asks.
func (b *Board) snapshot() (State, int) {
	s, version, _ := b.latest()
	if s.Load != nil {
		s.Load.Latencies = b.Latencies.Rows()
	}
	return s, version
}
