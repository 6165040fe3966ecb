package merge

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

func TestMergeRefusesOtherRuns(t *testing.T) {
	tests := map[string]func(l *reports.Load){
		"the target is tcp 127.0.0.1:1 there and tcp 127.0.0.1:2 here": func(l *reports.Load) { l.Target.Addresses = map[string]string{"tcp": "127.0.0.1:2"} },
		"the version of imcheck is imcheck 1 there and imcheck 2 here": func(l *reports.Load) { l.Tool = "imcheck 2" },
		"N of --shard is 2 there and 3 here":                           func(l *reports.Load) { l.Shard.Of = 3 },
		"--scenario is steady there and idle here":                     func(l *reports.Load) { l.Scenario = "idle" },
		"--seed is 7 there and 8 here":                                 func(l *reports.Load) { l.Seed = 8 },
		"--clients is 20 there and 21 here":                            func(l *reports.Load) { l.Shard.Clients = 21 },
		"--ramp is 1.0 s there and 2.0 s here":                         func(l *reports.Load) { l.RampMs = 2000 },
		"--warmup is 500 ms there and 600 ms here":                     func(l *reports.Load) { l.Shard.WarmupMs = 600 },
		"--duration is 2.0 s there and 3.0 s here":                     func(l *reports.Load) { l.Shard.DurationMs = 3000 },
		"--rate is 100 there and 99.5 here":                            func(l *reports.Load) { l.RatePerSecond = 99.5 },
		"--payload is 64 there and 65 here":                            func(l *reports.Load) { l.PayloadBytes = 65 },
		"--sense-mode is tcp=3S there and tcp=5S here":                 func(l *reports.Load) { l.Target.SenseModes = map[string]string{"tcp": "5S"} },
		"--impair is none there and udp: drop=5% here": func(l *reports.Load) {
			l.Impairment = &reports.Impairment{Specs: []string{"udp: drop=5%"}, Seed: 7}
		},
		"not with the same --start-at": func(l *reports.Load) { l.Shard.Run = "other" },
	}
	for want, change := range tests {
		t.Run(want, func(t *testing.T) {
			t.Parallel() // it waits for the disk
			shards := newShards(t, 2)
			change(&shards[1].load)
			dirs := saveAll(t, shards)
			var refused *Error
			_, err := Loads(dirs, false)
			if !errors.As(err, &refused) || refused.Dir != dirs[1] || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), dirs[0]) {
				t.Errorf("got %v, want a *MergeError for the second folder with %q", err, want)
			}
		})
	}
}

func TestMergeRefuses(t *testing.T) {
	tests := []struct {
		name, reason string
		damage       func(t *testing.T, dirs []string) []string
	}{
		{"no folder", "name the folders of the shards", func(*testing.T, []string) []string { return nil }},
		{"an empty folder", "no report in", func(t *testing.T, dirs []string) []string { return []string{t.TempDir()} }},
		{"a shard twice", "it has shard 1, and so has", func(t *testing.T, dirs []string) []string { return []string{dirs[0], dirs[0]} }},
		{"a conformance report", "conformance report only", func(t *testing.T, dirs []string) []string {
			return []string{folderOf(t, reports.ConformanceFile, `{"schema":1,"kind":"conformance","outcome":"pass"}`)}
		}},
		{"a whole run", "a whole run and no shard", func(t *testing.T, dirs []string) []string {
			return []string{folderOf(t, reports.LoadFile, `{"schema":1,"kind":"load","outcome":"pass"}`)}
		}},
		{"a merged run", "a merged run already", func(t *testing.T, dirs []string) []string {
			return []string{folderOf(t, reports.LoadFile, `{"schema":1,"kind":"load","outcome":"pass","shards":[{"outcome":"pass"}]}`)}
		}},
		{"no such shard", "there is no shard 3 of 2", func(t *testing.T, dirs []string) []string {
			return []string{folderOf(t, reports.LoadFile, `{"schema":1,"kind":"load","outcome":"pass","shard":{"index":3,"of":2}}`)}
		}},
		{"percentiles alone", "percentiles cannot be added", func(t *testing.T, dirs []string) []string {
			return []string{folderOf(t, reports.LoadFile, `{"schema":1,"kind":"load","outcome":"pass","shard":{"index":1,"of":1},"latencies":[{"kind":"login","transport":"tcp","from":"due","count":1,"p99Us":5}]}`)}
		}},
		{"a missing log", "it has no histograms/login.tcp.hlog", func(t *testing.T, dirs []string) []string { return without(t, dirs, "login.tcp.hlog") }},
		{"a missing log of the timeline", "it has no histograms/timeline.hlog", func(t *testing.T, dirs []string) []string { return without(t, dirs, "timeline.hlog") }},
		{"a log cut in a line", "login.tcp.hlog cannot be read as a report: line 7: it is cut short", func(t *testing.T, dirs []string) []string {
			return cut(t, dirs, "login.tcp.hlog", func(text string) string { return text[:len(text)-5] })
		}},
		{"a log cut between lines", "its intervals of login/tcp/due do not add up to the 90 values", func(t *testing.T, dirs []string) []string {
			return cut(t, dirs, "login.tcp.hlog", func(text string) string { return text[:strings.LastIndex(text, "Tag=")] })
		}},
		{"a log with more", `lateness.hlog cannot be read as a report: line 8: "other" is nothing that load.json has`, func(t *testing.T, dirs []string) []string {
			return cut(t, dirs, "lateness.hlog", func(text string) string { return text + "Tag=other,1,1,1" + text[strings.LastIndex(text, ","):] })
		}},
		{"a timeline of another run", "timeline.hlog cannot be read as a report: it is not of the run", func(t *testing.T, dirs []string) []string {
			return cut(t, dirs, "timeline.hlog", func(text string) string { return strings.Replace(text, "StartTime: 17", "StartTime: 16", 1) })
		}},
	}
	saved := saveAll(t, newShards(t, 2))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dirs := test.damage(t, copies(t, saved))
			m, err := Loads(dirs, false)
			var format *reports.FormatError
			var refused *Error
			if m != nil || !errors.As(err, &format) && !errors.As(err, &refused) && !errors.Is(err, reports.ErrNoReport) || !strings.Contains(err.Error(), test.reason) {
				t.Errorf("got %v, want an error with %q", err, test.reason)
			}
		})
	}
}

// copies are of whole folders.
func copies(t *testing.T, dirs []string) (copied []string) {
	t.Helper()
	for _, dir := range dirs {
		to := filepath.Join(t.TempDir(), filepath.Base(dir))
		if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		copied = append(copied, to)
	}
	return copied
}

// folderOf returns a folder with one file.
func folderOf(t *testing.T, name, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

// without takes a log of the second shard away.
func without(t *testing.T, dirs []string, name string) []string {
	t.Helper()
	if err := os.Remove(filepath.Join(dirs[1], reports.HistogramFolder, name)); err != nil {
		t.Fatal(err)
	}
	return dirs
}

// cut changes a log of the second shard.
func cut(t *testing.T, dirs []string, name string, change func(string) string) []string {
	t.Helper()
	path := filepath.Join(dirs[1], reports.HistogramFolder, name)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(change(string(text))), 0o666); err != nil {
		t.Fatal(err)
	}
	return dirs
}

// The folder of a shard is not written into, by whatever name.
func TestMergeSparesTheShards(t *testing.T) {
	dirs := saveAll(t, newShards(t, 2))
	m, err := Loads(dirs, false)
	if err != nil {
		t.Fatal(err)
	}
	before := reporttest.Entries(t, dirs[0])
	var refused *Error
	if err := m.Save(filepath.Join(dirs[0], "..", filepath.Base(dirs[0]))); !errors.As(err, &refused) {
		t.Errorf("got %v, want a *MergeError", err)
	}
	if b, err := reports.ReadDir(dirs[0]); err != nil || b.Load.Shard.Index != 1 || !slices.Equal(reporttest.Entries(t, dirs[0]), before) {
		t.Errorf("the shard has become %+v, %v", b.Load, err)
	}
}
