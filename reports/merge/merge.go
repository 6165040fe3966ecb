// Package merge adds up the shards of a load run, from their folders.
package merge

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/folder"
	"imcheck/reports/verdict"
	"imcheck/reports/words"
)

// Error explains why runs cannot be added up.
type Error struct {
	Dir    string // the one at fault; "" when it is not a single one
	Reason string // and what to do about it
}

func (e *Error) Error() string {
	if e.Dir == "" {
		return e.Reason
	}
	return e.Dir + ": " + e.Reason
}

// shardRun is the folder and the report of one shard.
type shardRun struct {
	dir  string
	load *reports.Load
}

// log returns the path of a shard's log of this name.
func (s shardRun) log(name string) string { return filepath.Join(s.dir, reports.HistogramFolder, name) }

func (s shardRun) refuse(reason string, arguments ...any) error {
	return &Error{Dir: s.dir, Reason: fmt.Sprintf(reason, arguments...)}
}

// Merged is a load run, put together from its shards.
type Merged struct {
	Load    *reports.Load
	shards  []shardRun // by their number
	missing []int      // numbers of those that are not there
	clock   reports.Clock
	series  []reports.Series // series with logs, in their order
}

// Loads adds up the shards of one load run from their folders: distributions are added
// value by value, never by percentiles.
// Everything is read, and nothing written. Shards that are missing are an error
// unless partial is set, with which they make the run inconclusive.
//
// The error is an *Error, a *reports.FormatError, matches reports.ErrNoReport, or is that of
// a file that cannot be read.
func Loads(dirs []string, partial bool) (*Merged, error) {
	shards, err := readShards(dirs)
	if err != nil {
		return nil, err
	}
	missing := missingShards(shards)
	if len(missing) > 0 && !partial {
		return nil, &Error{Reason: fmt.Sprintf("%s missing (of %d): name all folders, or merge what is there with --partial",
			content.ShardList(missing, "is", "are"), shards[0].load.Shard.Of)}
	}
	m := &Merged{shards: shards, missing: missing, clock: startOf(shards)}
	if m.Load, m.series, err = addLoads(shards); err != nil {
		return nil, err
	}
	if err := m.checkLogs(); err != nil {
		return nil, err
	}
	if err := m.addTimelines(); err != nil {
		return nil, err
	}
	m.addOutages()
	m.addTargetUse()
	m.addTrends()
	if err := m.addRecovery(); err != nil {
		return nil, err
	}
	m.conclude(m.Load.Shards)
	return m, nil
}

// Missing names the missing shards, as in "shard 3 is missing"; "" when there are none.
func (m *Merged) Missing() string {
	if len(m.missing) == 0 {
		return ""
	}
	return content.ShardList(m.missing, "is", "are") + " missing"
}

// Judge judges the whole run by thresholds: those that its shards were given, and those
// that are asked for besides. A shard compares a threshold with its own part, which says
// nothing of the whole, so that those of the shards are left aside.
//
// The error says which threshold cannot be read or has nothing to be compared with, or
// what is wrong with a shard's report.
func (m *Merged) Judge(asked ...verdict.Threshold) error {
	thresholds, err := thresholdsOf(m.shards)
	if err != nil {
		return fmt.Errorf("a threshold that the shards were given: %w", err)
	}
	judged, err := verdict.Judge(verdict.Union(thresholds, asked), m.Load, m.Missing())
	if _, unmeasured := errors.AsType[*verdict.UnmeasuredError](err); unmeasured {
		return fmt.Errorf("--threshold: %w", err)
	}
	if err != nil {
		return err
	}
	m.judgeBy(judged)
	return nil
}

// judgeBy judges the whole run by what its thresholds came to.
func (m *Merged) judgeBy(thresholds []reports.Threshold) {
	for i := range thresholds {
		thresholds[i].EndedShards = endedBy(m.shards, thresholds[i].Expression)
	}
	m.Load.Thresholds = thresholds
	results := slices.Clone(m.Load.Shards)
	for i, s := range m.shards {
		results[i].Outcome, results[i].Reason = verdict.Apart(s.load)
	}
	m.conclude(results)
}

// conclude enters what the whole run came to.
func (m *Merged) conclude(shards []reports.ShardResult) {
	outcome, reason := verdict.OfShards(m.Load, shards, m.missing)
	m.Load.Outcome, m.Load.Reason, m.Load.ExitCode = outcome, reason, outcome.ExitCode()
}

// Save writes load.json, report.html and the histograms of the whole run into
// dir, which must not be the folder of one of its shards. What an earlier load has
// left there is removed.
func (m *Merged) Save(dir string) error {
	if there, err := os.Stat(dir); err == nil {
		for _, s := range m.shards {
			if shard, err := os.Stat(s.dir); err == nil && os.SameFile(there, shard) {
				return &Error{Dir: dir, Reason: "it is the folder of a shard, which would be lost: name another one with --out"}
			}
		}
	}
	if _, err := folder.Clear(dir, reports.KindLoad); err != nil {
		return err
	}
	return errors.Join(folder.SaveLoad(dir, m.Load), m.saveLogs(filepath.Join(dir, reports.HistogramFolder)))
}

// readShards reads the shards and makes sure that they are of one run, each of
// them once. They come back by their number.
func readShards(dirs []string) ([]shardRun, error) {
	if len(dirs) == 0 {
		return nil, &Error{Reason: "name the folders of the shards, those that they were given with --out"}
	}
	var shards []shardRun
	byIndex := map[int]shardRun{}
	for _, dir := range dirs {
		s, err := readShard(dir)
		if err != nil {
			return nil, err
		}
		index := s.load.Shard.Index
		if first, twice := byIndex[index]; twice {
			return nil, s.refuse("it has shard %d, and so has %s: name each shard once", index, first.dir)
		}
		byIndex[index] = s
		if len(shards) > 0 {
			if reason := difference(shards[0].load, s.load); reason != "" {
				return nil, s.refuse("it is not of the same run as %s: %s", shards[0].dir, reason)
			}
		}
		shards = append(shards, s)
	}
	slices.SortFunc(shards, func(a, b shardRun) int { return a.load.Shard.Index - b.load.Shard.Index })
	return shards, nil
}

func readShard(dir string) (shardRun, error) {
	b, err := reports.ReadDir(dir)
	if err != nil {
		return shardRun{}, err
	}
	s := shardRun{dir: dir, load: b.Load}
	switch {
	case b.Load == nil && b.Conformance == nil:
		return s, s.refuse("it is a search for capacity: what is merged are load runs")
	case b.Load == nil:
		return s, s.refuse("it has a conformance report only: what is merged are load runs")
	case b.Load.Unfinished != nil:
		return s, s.refuse("its run had not ended when its report was written, and its histogram logs are not there: leave it out, and merge the others with --partial")
	case len(b.Load.Shards) > 0:
		return s, s.refuse("it is a merged run already: name the folders of its shards")
	case b.Load.Shard.Of == 0:
		return s, s.refuse("it is a whole run and no shard: what is merged was run with --shard")
	}
	if shard := b.Load.Shard; shard.Of < 0 || shard.Index < 1 || shard.Index > shard.Of {
		return s, &reports.FormatError{Path: filepath.Join(dir, reports.LoadFile), Reason: fmt.Sprintf("there is no shard %d of %d", shard.Index, shard.Of)}
	}
	return s, nil
}

// difference names an option in which two runs differ; "" when they are shards of one.
func difference(a, b *reports.Load) string {
	ofTarget := func(l *reports.Load) string { return reports.Target{Addresses: l.Target.Addresses}.AddressList() }
	type difference struct {
		name string
		a, b any
	}
	differences := []difference{
		{"the target", ofTarget(a), ofTarget(b)},
		{"the version of imcheck", a.Tool, b.Tool},
		{"N of --shard", a.Shard.Of, b.Shard.Of},
		{"--seed", a.Seed, b.Seed},
		{"--clients", a.Shard.Clients, b.Shard.Clients},
		{"--ramp", words.RunTime(a.RampMs), words.RunTime(b.RampMs)},
		{"--warmup", words.RunTime(a.Shard.WarmupMs), words.RunTime(b.Shard.WarmupMs)},
		{"--duration", words.RunTime(a.Shard.DurationMs), words.RunTime(b.Shard.DurationMs)},
		{"--sense-mode", a.Target.ModesOn(b.Target), b.Target.ModesOn(a.Target)},
	}
	others := content.LoadTerms(b)
	for i, term := range content.LoadTerms(a) {
		if term.Flag != content.ClientsTerm { // each shard has some of them
			differences = append(differences, difference{term.Flag, term.Value, others[i].Value})
		}
	}
	differences = append(differences, difference{"the seed of --impair", a.ImpairmentSeed(), b.ImpairmentSeed()})
	for _, d := range differences {
		if d.a != d.b {
			return fmt.Sprintf("%s is %v there and %v here", d.name, d.a, d.b)
		}
	}
	if a.Shard.Run != b.Shard.Run {
		return "the two were asked for alike, but not with the same --start-at"
	}
	return ""
}

// missingShards returns the numbers of the shards that are missing.
func missingShards(shards []shardRun) (missing []int) {
	next := 1
	for _, s := range shards {
		for ; next < s.load.Shard.Index && len(missing) <= content.MaxNamedShards; next++ {
			missing = append(missing, next)
		}
		next = s.load.Shard.Index + 1
	}
	for ; next <= shards[0].load.Shard.Of && len(missing) <= content.MaxNamedShards; next++ {
		missing = append(missing, next)
	}
	return missing
}
