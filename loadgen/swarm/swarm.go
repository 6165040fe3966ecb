package swarm

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"imcheck/harness/machine"
	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/host"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/scenario"
	"imcheck/protocol/client"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// swarm is one run.
type swarm struct {
	// What is to be done.
	config   Config
	schedule plan.Schedule
	share    plan.Share
	deal     plan.Workers
	nonce    plan.Nonce
	users    []string                            // ids of the clients
	clients  [len(wire.Transports)]client.Config // settings that the clients of a transport have in common

	// Who does it.
	workers    []*worker
	maxUnacked int     // messages of a worker that may wait for their ACK
	pusher     *pusher // nil but in a push load

	// Its course.
	start       time.Time
	interrupt   <-chan struct{} // closed when everything is to end soon
	cut         chan struct{}   // closed when nothing new is to begin
	cutTime     atomic.Int64    // time of the cut; set before
	interrupted bool            // set before the workers begin to finish
	pushed      atomic.Bool     // all calls of a push load are made

	// Accounts of all workers together.
	books       books.Workers
	online      books.Online
	pauses      machine.Pauses // pauses of this process, while the run lasts
	intervals   *books.Intervals
	pushTrouble atomic.Pointer[error]
}

// Run lets the clients loose on the target and reports what became of it. The
// run ends by itself: when the time is up and nothing is under way any more,
// when nobody has ever come online for a while, or with ctx, when what is under
// way then is done; each is an outcome of the report. The error is a *options.Error
// or a *machine.OpenFilesError, or the system's when it gives the swarm nothing to work
// with; nothing was begun then, and there is no report. With a report it says in
// what the run or the report failed.
//
// Tool, Command and Generator.ServerInProcess of the report are left to the
// caller.
func Run(ctx context.Context, c Config) (*reports.Load, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if err := machine.CheckOpenFiles(c.OpenFilesNeeded()); err != nil {
		return nil, err
	}
	before := host.TakeUsage()
	s := newSwarm(c)
	s.awaitStart(ctx)
	s.intervals = books.NewIntervals(c.Intervals, s.start, c.Transports, s.books)
	s.interrupt = ctx.Done()
	if err := s.startEngines(); err != nil {
		return nil, err
	}
	defer s.makeRoom()()
	finish := make(chan struct{})
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	failures := make([]error, len(s.workers))
	var working, watching sync.WaitGroup
	watchCtx, stopWatching := context.WithCancel(context.Background())
	watching.Go(func() { s.pauses.Watch(watchCtx) })
	for i, w := range s.workers {
		working.Go(func() {
			if failures[i] = w.run(finish); failures[i] != nil {
				giveUp()
			}
		})
	}
	stopPushing := s.startPushing()
	supervisor := newSupervisor(s)
	ending := supervisor.supervise(ctx)
	s.interrupted = ending.how == interrupted
	stopPushing()
	close(finish)
	s.wakeAll()
	supervisor.attend(&working)
	if c.RampDown > 0 {
		ending.total = supervisor.now()
	}
	s.closeEngines()
	stopWatching()
	watching.Wait()
	report, err := s.report(ending, supervisor.samples, before)
	return report, errors.Join(append(failures, err)...)
}

// wakeAll has every worker look at what has changed.
func (s *swarm) wakeAll() {
	for _, w := range s.workers {
		w.engine.Wake()
	}
}

// startEngines gives every worker its engine.
func (s *swarm) startEngines() (err error) {
	engines := s.config.engines(s.start)
	for _, w := range s.workers {
		if w.engine, err = engine.New(engines, w.take); err != nil {
			s.closeEngines()
			return err
		}
	}
	return nil
}

// roomMaking orders runs that make room at the same time.
var roomMaking sync.Mutex

// makeRoom gives the Go scheduler a processor for each worker that waits in a
// system call: until the runtime notices, which takes milliseconds, it holds one
// that a server in the same process, or the supervisor, may be waiting for. The
// result takes them back.
func (s *swarm) makeRoom() (restore func()) {
	if !s.config.engines(s.start).UsesEventLoops() {
		return func() {}
	}
	add := func(n int) {
		roomMaking.Lock()
		defer roomMaking.Unlock()
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + n)
	}
	add(len(s.workers))
	return func() { add(-len(s.workers)) }
}

func (s *swarm) closeEngines() {
	for _, w := range s.workers {
		if w.engine != nil {
			w.engine.Close()
		}
	}
}

// workerOf is the worker that has a client of the run, nil when another process
// has it.
func (s *swarm) workerOf(client plan.Client) *worker {
	if !s.share.Has(client) {
		return nil
	}
	return s.workers[s.deal.Of(s.share.Own(client))]
}

// slotOf returns the place of a client of this process among those of its worker.
func (s *swarm) slotOf(client plan.Client) plan.Slot { return s.deal.Slot(s.share.Own(client)) }

// startPushing begins the calls of a push load. The function that it returns
// ends them.
func (s *swarm) startPushing() (stop func()) {
	if s.config.Scenario != (scenario.Push{}).Name() {
		return func() {}
	}
	s.pusher = newPusher(s)
	ctx, cancel := context.WithCancel(context.Background())
	var pushing sync.WaitGroup
	pushing.Go(func() { s.pusher.run(ctx) })
	return func() {
		cancel()
		pushing.Wait()
	}
}

// newSwarm makes a swarm that has no engine yet. Its time starts here, unless
// the config says when.
func newSwarm(c Config) *swarm {
	s := &swarm{
		config: c, schedule: c.schedule(), nonce: nonceOf(c), share: c.share(),
		deal: plan.Workers(c.workers()), cut: make(chan struct{}),
	}
	s.maxUnacked = c.maxUnacked()
	s.users = make([]string, c.Clients)
	for i := range s.users {
		s.users[i] = s.nonce.User(plan.Client(i))
	}
	remembered := c.remembered()
	for _, t := range c.Transports {
		s.clients[t] = client.Config{Token: c.Target.Token(), Transport: t, Mode: c.Target.Modes[t], Remembered: remembered}
	}
	for id := range int(s.deal) {
		w := newWorker(s, id)
		s.workers, s.books = append(s.workers, w), append(s.books, w.books)
	}
	s.start = startTime(c, time.Now())
	return s
}

// totals adds up the messages of all workers.
func (s *swarm) totals() []reports.Ledger { return s.books.Ledgers(s.config.scenario().Flows()) }

// settled reports whether everything was sent and nothing is under way. Of the
// other shards nothing is known: theirs may be, to clients of this one.
func (s *swarm) settled() bool {
	if s.config.Shard.Divided() {
		return false
	}
	for _, w := range s.workers {
		if !w.allSent.Load() || w.script.busy() || w.held.count.Load() > 0 {
			return false
		}
	}
	if s.pusher != nil && !s.pushed.Load() {
		return false
	}
	for _, total := range s.totals() {
		if total.Pending > 0 || total.Missing > total.Lost {
			return false
		}
	}
	return true
}
