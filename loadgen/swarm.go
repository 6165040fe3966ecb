package loadgen

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"imcheck/reports"
)

// swarm is one run.
type swarm struct {
	config      Config
	schedule    schedule
	start       time.Time
	nonce       string
	engine      engine
	online      online
	workerCount int
	workers     []*worker
	hurry       <-chan struct{} // closed when everything is to end soon
	cut         chan struct{}   // closed when nothing new is to begin
	cutTime     atomic.Int64    // when that was; set before
	interrupted bool            // set before the workers are told to finish
	pusher      *pusher         // nil but in a push load
	pushed      atomic.Bool     // all its calls are made
	pushTrouble atomic.Pointer[error]
}

// Run lets the clients loose on the target and reports what became of it. The
// run ends by itself: when the time is up and nothing is under way any more,
// when nobody has ever come online for a while, or with ctx, when what is under
// way then is done; each is an outcome of the report. The error is a *ConfigError or an *OpenFilesError, with which
// nothing was begun and there is no report, or says that the report is not
// complete.
//
// Tool, Command and Generator.ServerInProcess of the report are left to the
// caller.
func Run(ctx context.Context, c Config) (*reports.Load, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if err := CheckOpenFiles(c.OpenFilesNeeded()); err != nil {
		return nil, err
	}
	before := takeUsage()
	s := newSwarm(c)
	s.hurry = ctx.Done()
	s.engine = newPortable(c.Target, s.start)
	finish := make(chan struct{})
	var working sync.WaitGroup
	for _, w := range s.workers {
		working.Go(func() { w.run(finish) })
	}
	stopPushing := s.startPushing()
	supervisor := newSupervisor(s)
	ending := supervisor.supervise(ctx)
	s.interrupted = ending.how == interrupted
	stopPushing()
	close(finish)
	supervisor.attend(&working)
	if c.RampDown > 0 {
		ending.total = supervisor.now()
	}
	s.engine.close()
	return s.report(ending, supervisor.samples, before)
}

// startPushing begins the calls of a push load. The function that it returns
// ends them.
func (s *swarm) startPushing() (stop func()) {
	if s.config.Scenario != ScenarioPush {
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

// newSwarm makes a swarm that has no engine yet. Its time starts here.
func newSwarm(c Config) *swarm {
	s := &swarm{
		config: c, schedule: newSchedule(c), nonce: newNonce(),
		workerCount: min(runtime.GOMAXPROCS(0), c.Clients), cut: make(chan struct{}),
	}
	for id := range s.workerCount {
		s.workers = append(s.workers, newWorker(s, id))
	}
	s.start = time.Now()
	return s
}

// totals adds up the accounts of all workers.
func (s *swarm) totals() []reports.Ledger {
	ledgers := make([]*ledger, len(s.workers))
	for i, w := range s.workers {
		ledgers[i] = &w.ledger
	}
	var totals []reports.Ledger
	for _, f := range flowsOf(s.config.Scenario) {
		totals = append(totals, sum(ledgers, f))
	}
	return totals
}

// settled reports whether everything was sent and nothing is under way.
func (s *swarm) settled() bool {
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
