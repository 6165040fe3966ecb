package swarm

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"imcheck/harness/machine"
	"imcheck/harness/transport/impair"
	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/host"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/scenario"
	"imcheck/protocol/client"
	"imcheck/reports"
)

// swarm is one run, and who does it.
type swarm struct {
	run
	workers  []*worker
	feed     scenario.Feed // nil when clients send all messages
	follower follower
	routes   engine.Routes // by which connections reach the addresses of the target

	// Books of all workers together.
	books     books.Workers
	intervals *books.Intervals
	watched   *targetWatch // nil when nobody watches its process
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
	defer host.RestrainGarbage(c.OwnClients())()
	s := newSwarm(c)
	s.awaitStart(ctx)
	s.intervals = books.NewIntervals(c.Intervals, s.Start, c.Transports, s.books)
	s.interrupt = ctx.Done()
	s.watched = newTargetWatch(ctx, &s.run)
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
	watching.Go(func() { s.watched.watch(watchCtx) })
	for i, w := range s.workers {
		working.Go(func() {
			if failures[i] = w.work(finish); failures[i] != nil {
				giveUp()
			}
		})
	}
	stopFollowing := s.followLosses()
	stopFeeding := s.startFeeding()
	supervisor := newSupervisor(s, before)
	ending := supervisor.supervise(ctx)
	s.interrupted = ending.how == interrupted
	supervisor.checkpoints.stop()
	stopFeeding()
	stopFollowing()
	close(finish)
	s.wakeAll()
	supervisor.attend(&working)
	if c.RampDown > 0 {
		ending.total = supervisor.now()
	}
	s.closeEngines()
	stopWatching()
	watching.Wait()
	supervisor.checkpoints.wait()
	report, err := reporter{swarm: s, ending: ending, before: before, noted: s.books}.report(supervisor.timeline.Samples())
	supervisor.tellEnd()
	return report, errors.Join(append(failures, err)...)
}

// wakeAll has every worker look at what has changed.
func (s *swarm) wakeAll() {
	for _, w := range s.workers {
		w.driver.engine.Wake()
	}
}

// startEngines gives every worker its engine.
func (s *swarm) startEngines() (err error) {
	engines := s.config.engines(s.Start)
	engines.Routes = engine.NewRoutes(engines)
	s.routes = engines.Routes
	for _, w := range s.workers {
		if err = w.startEngine(engines); err != nil {
			s.closeEngines()
			return err
		}
	}
	return nil
}

// startEngine gives a worker its engine, over an impaired path if that is asked for.
func (w *worker) startEngine(c *engine.Config) (err error) {
	if w.path == nil {
		w.driver.engine, err = w.newEngine(c)
		return err
	}
	client := func(slot plan.Slot) plan.Client { return w.roster.members[slot].index }
	impaired, err := engine.NewImpaired(c, w.run.path, client, w.take, w.path.arriving)
	if err == nil {
		w.driver.engine, w.path.engine = impaired, impaired
	}
	return err
}

// roomMaking orders runs that make room at the same time.
var roomMaking sync.Mutex

// makeRoom gives the Go scheduler a processor for each worker that waits in a
// system call: until the runtime notices, which takes milliseconds, it holds one
// that a server in the same process, or the supervisor, may be waiting for. The
// result takes them back.
func (s *swarm) makeRoom() (restore func()) {
	if !s.config.engines(s.Start).UsesEventLoops() {
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
		if w.driver.engine != nil {
			w.driver.engine.Close()
		}
	}
	s.routes.Close()
}

// workerOf is the worker that has a client of the run, nil when another process
// has it.
func (s *swarm) workerOf(client plan.Client) *worker {
	if !s.share.Has(client) {
		return nil
	}
	return s.workers[s.deal.Of(s.share.Own(client))]
}

// startFeeding has the target send messages, in a load in which it does. The function
// that it returns ends that.
func (s *swarm) startFeeding() (stop func()) {
	if s.feed == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var feeding sync.WaitGroup
	feeding.Go(func() { s.feed.Run(ctx) })
	return func() {
		cancel()
		feeding.Wait()
	}
}

// booksOf returns the books that a client of the run is in, nil when those are another
// process's.
func (s *swarm) booksOf(client plan.Client) *books.Worker {
	if w := s.workerOf(client); w != nil {
		return w.books
	}
	return nil
}

// newSwarm makes a swarm that has no engine yet. Its time starts here, unless
// the config says when.
func newSwarm(c Config) *swarm {
	own := c.ownAccounts()
	s := &swarm{run: run{
		config: c, accounts: own, scenario: c.scenario(), share: c.share(), deal: plan.Workers(c.workers()), maxUnacked: c.maxUnacked(), gather: c.gather(),
		course: course{cut: make(chan struct{})},
	}}
	s.Run = scenario.Run{
		Options: &s.config.Options, Schedule: c.schedule(), Nonce: nonceOf(c), Target: c.Target, Transports: c.Transports,
		Start: startTime(c, time.Now()), Cut: s.cut, Books: s.booksOf, Groups: books.NewGroups(), Ends: books.NewServerEnds(), Outage: c.scenario().Outage(&c.Options),
	}
	s.Population, s.Users = c.Population(), c.userIDs(s.Nonce)
	if policy := c.impairment(); len(policy.Specs()) > 0 {
		s.path, s.fates = impair.New(policy), books.NewFates()
	}
	remembered := c.remembered()
	for _, t := range c.Transports {
		s.clients[t] = client.Config{Token: c.Target.Token(), Transport: t, Mode: c.Target.Modes[t], Remembered: remembered}
	}
	for id := range int(s.deal) {
		w := newWorker(&s.run, id)
		s.workers, s.books = append(s.workers, w), append(s.books, w.books)
	}
	s.feed = s.scenario.Feed(&s.Run)
	return s
}

// totals adds up the messages of all workers.
func (s *swarm) totals() []reports.Ledger { return s.books.Ledgers(s.scenario.Flows()) }

// copiesDue reports whether spurious copies, or reports of losses, may still come: the
// server has sent copies, and the last messages are not old enough.
func (s *swarm) copiesDue() bool {
	wait := copiesFor
	if s.follower.whole() {
		wait = lossesFor
	}
	wait += s.addedDelay()
	if _, end := s.Schedule.Steady(); s.Now() >= end+wait {
		return false
	}
	return slices.ContainsFunc(s.totals(), func(m reports.Ledger) bool { return m.Spurious > 0 })
}

// settled reports whether everything was sent and nothing is under way. Of the
// other shards nothing is known: theirs may be, to clients of this one.
func (s *swarm) settled() bool {
	if s.config.Shard.Divided() {
		return false
	}
	for _, w := range s.workers {
		if w.busy() {
			return false
		}
	}
	if s.feed != nil && s.feed.Busy() {
		return false
	}
	for _, total := range s.totals() {
		if total.Pending > 0 || total.Missing > total.Lost+total.Impaired.Unacked {
			return false
		}
	}
	return true
}
