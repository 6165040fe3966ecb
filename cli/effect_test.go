package cli

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"imcheck/harness/target"
	"imcheck/protocol/wire"
	"imcheck/reports"
	"imcheck/reports/diff"
	"imcheck/reports/folder"
)

// observation returns what can be seen of an invocation with these arguments.
type observation func(t *testing.T, args []string) string

// effect describes how a flag or key that counts can be noticed.
type effect struct {
	observe observation
	base    string // arguments of both invocations, separated by blanks
	with    string // the added flag, with a value that differs from the default
	shows   string // text that is seen with it only; after ! text that is seen without it only
}

// hold invokes with and without what is added, and wants the difference. $NAME in
// arguments is a file or folder of that name; folders for output are new each time.
func (e effect) hold(t *testing.T, files map[string]string) {
	t.Helper()
	seen := func(args string) string {
		out := t.TempDir()
		words := strings.Fields(args)
		for i, word := range words {
			words[i] = os.Expand(word, func(name string) string {
				if name == "OUT" {
					return out
				}
				return files[name]
			})
		}
		text := e.observe(t, words)
		_ = fs.WalkDir(os.DirFS(out), ".", func(name string, _ fs.DirEntry, err error) error {
			text += "\nwritten: " + name
			return err
		})
		return strings.ReplaceAll(text, strings.Join(words, " "), "")
	}
	without, with := seen(e.base), seen(e.base+" "+e.with)
	shows := e.shows
	if gone, hidden := strings.CutPrefix(shows, "!"); hidden {
		shows, without, with = gone, with, without
	}
	if !strings.Contains(with, shows) || strings.Contains(without, shows) {
		t.Errorf("%s: %q is to be seen only in one of\n--- with\n%.1500s\n--- without\n%.1500s", e.with, e.shows, with, without)
	}
}

// invoked returns the exit code, stdout and stderr of an invocation that ends by itself.
func invoked(verb string) observation {
	return func(t *testing.T, args []string) string {
		ctx, cancel := context.WithCancel(t.Context())
		if verb == "serve" {
			cancel() // it would go on
		}
		defer cancel()
		var out, err strings.Builder
		a := &app{in: strings.NewReader(""), out: &out, err: &err}
		code := a.dispatch(ctx, append(strings.Fields(verb), args...))
		return fmt.Sprintf("exit code %d\n%s\n%s", code, out.String(), err.String())
	}
}

// parsed registers and parses flags; a refusal is what is seen then.
func parsed(register func(*pflag.FlagSet), args []string, complete func() error) (refusal string) {
	flags := newFlags("x")
	register(flags)
	err := parseArguments(flags, args)
	if err == nil {
		err = complete()
	}
	if err != nil {
		return "refused: " + err.Error()
	}
	return ""
}

// plannedExplore returns an exploration as its flags and its profile have it.
func plannedExplore(_ *testing.T, args []string) string {
	var f exploreFlags
	var plan strings.Builder
	refusal := parsed(f.register, args, func() error {
		if err := f.check(); err != nil {
			return err
		}
		if err := f.target.readProfile(); err != nil {
			return err
		}
		fmt.Fprintf(&plan, "%+v\n%+v\n", f.options, f.bytes)
		return describePlan(&plan, &f.target)
	})
	return refusal + plan.String()
}

// planned returns a conformance run as its flags and its profile have it.
func planned(t *testing.T, args []string) string {
	var f conformFlags
	var plan strings.Builder
	refusal := parsed(f.register, args, func() error {
		if err := f.readReplays(); err != nil {
			return err
		}
		catalogue := f.catalogue
		if err := f.check(catalogue); err != nil {
			return err
		}
		if err := f.target.readProfile(); err != nil {
			return err
		}
		if err := f.chooseVersion(); err != nil {
			return err
		}
		if err := f.impairPath(); err != nil {
			return err
		}
		if err := describePlan(&plan, &f.target); err != nil {
			return err
		}
		selected, skipped, err := f.selection.Select(catalogue, f.target.served())
		for _, item := range selected {
			fmt.Fprintln(&plan, "selected", item.Name())
		}
		for _, item := range skipped {
			fmt.Fprintln(&plan, "skipped", item.Name())
		}
		if err != nil {
			return err
		}
		if f.senseModes != nil {
			runs, err := f.senseModeRuns(catalogue)
			for _, r := range runs {
				fmt.Fprintln(&plan, "started in", r.Mode)
			}
			if err != nil {
				return err
			}
		}
		if err := f.underLoad.plan(&f); err != nil {
			return err
		}
		fmt.Fprintf(&plan, "under load of %+v\n", f.underLoad)
		fmt.Fprintf(&plan, "seed %d, parallel %d, repeat %d, strict %t, expected %+v, impairment %+v\n", f.seed, f.parallel, f.repeat, f.strict, f.expected, f.impairment())
		return nil
	})
	return refusal + plan.String()
}

// describePlan writes what is known of a target before it is asked.
func describePlan(plan *strings.Builder, f *targetFlags) error {
	described := f.described()
	var err error
	switch {
	case f.embedded() || f.launches():
		described.Modes, err = f.startModes()
	default:
		described, err = f.target()
	}
	if err == nil {
		err = f.override(described)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(plan, "version %q, made by %q, described at %q\n", described.Info.Version, described.Info.Organization, described.Info.URL)
	fmt.Fprintf(plan, "name %q, addresses %v, control %s, tolerance %v, capabilities %q\n",
		described.Info.Name, described.Addresses, described.Control, described.Tolerance, described.Info.Capabilities.Names())
	for _, kind := range wire.Transports {
		fmt.Fprintf(plan, "%s in %s, at most %d bytes\n", kind, described.Modes[kind], described.MaxMessage(kind))
	}
	for kind, config := range described.TLS {
		if config != nil {
			fmt.Fprintf(plan, "%s: TLS with %q, own roots %t, own certificate %t, unchecked %t\n", wire.Transport(kind), config.ServerName, config.RootCAs != nil, len(config.Certificates) > 0, config.InsecureSkipVerify)
		}
	}
	if described.Bridge != nil {
		fmt.Fprintf(plan, "bridge %v\n", described.Bridge)
	}
	fmt.Fprintf(plan, "WebSocket with %+v\n", described.UpgradeRequest())
	fmt.Fprintf(plan, "token %s, refused %v, stored %s, vetoed %s\n", described.Token(), described.RefusedTokens(), described.StoredUser("x"), described.VetoedContent("x"))
	if users := described.Users; users != nil {
		fmt.Fprintf(plan, "%d users, the third is %q on tcp\n", users.Count(), users.Account(2, wire.TCP))
	}
	if f.profile != nil && f.profile.Recipe != nil {
		r := f.profile.Recipe
		fmt.Fprintf(plan, "launched with %q, ready %v, in %v, stopped in %v, modes %v\n", r.Command, r.Ready, r.StartTimeout, r.StopTimeout, r.Modes)
	}
	return nil
}

// plannedLoad returns a load as its flags, its scenario file and its profile have it.
func plannedLoad(t *testing.T, args []string) string {
	var f loadFlags
	var plan strings.Builder
	refusal := parsed(f.register, args, func() error {
		if err := f.readScenario(); err != nil {
			return err
		}
		if err := f.readThresholds(); err != nil {
			return err
		}
		if err := f.target.readProfile(); err != nil {
			return err
		}
		if err := f.shard.complete(&f.swarm, f.target.embedded() || f.target.launches()); err != nil {
			return err
		}
		if err := describePlan(&plan, &f.target); err != nil {
			return err
		}
		described := &target.Target{Network: f.target.described().Network}
		if f.target.addressed() {
			var err error
			if described, err = f.target.target(); err != nil {
				return err
			}
		}
		if err := f.complete(described); err != nil {
			return err
		}
		f.swarm.Target = nil
		fmt.Fprintf(&plan, "%+v\nuntil stdin ends: %t\n", f.swarm, f.untilEnd)
		if err := f.exports.check(f.flags); err != nil {
			return err
		}
		f.exports.exportsOf(&f.swarm, func(format string, args ...any) { fmt.Fprintf(&plan, format+"\n", args...) })
		return nil
	})
	return refusal + plan.String()
}

// plannedServer returns a reference server as its flags have it.
func plannedServer(t *testing.T, args []string) string {
	var f serveFlags
	if refusal := parsed(f.register, args, f.complete); refusal != "" {
		return refusal
	}
	c := f.config
	var names []string
	for _, fault := range c.Faults {
		names = append(names, fault.Name)
	}
	for _, variant := range c.Variants {
		names = append(names, variant.Name)
	}
	known := "anybody"
	if c.Users != nil {
		known = fmt.Sprintf("%d users", c.Users.Count())
	}
	bridged := "no bridge"
	if c.Bridge != nil {
		bridged = fmt.Sprintf("bridge %v from %s to %s", c.Bridge.Broker, c.Bridge.PublishTo, c.Bridge.ConsumeFrom)
	}
	return known + ", " + bridged + fmt.Sprintf(", addresses %v, control %s, modes %v, limits %+v, stamp %t, as observed %t, seed %d, TLS %t, with content %t, profile %t, %d messages a second, misbehaving %q",
		c.Addresses, c.Control, c.Modes, c.Limits, c.Stamp, c.AsObserved, c.Seed, c.TLS != nil, c.LogContent, c.Profile, c.MessagesPerSecond, names)
}

// printedConformance returns the summary of a run with a long transcript.
func printedConformance(t *testing.T, args []string) string {
	var f conformFlags
	var out strings.Builder
	refusal := parsed(f.register, args, func() error {
		r := reports.Result{Case: "login/a", Transport: "tcp", Verdict: reports.Fail}
		for i := range 40 {
			r.Transcript = append(r.Transcript, reports.Line{At: float64(i), Connection: "a", Direction: "->", Text: fmt.Sprint("line ", i)})
		}
		return (&app{out: &out, err: &out}).printConformance(&reports.Conformance{Results: []reports.Result{r}}, f.json, f.verbose)
	})
	return refusal + out.String()
}

// printedLoad returns the summary of a run of two seconds.
func printedLoad(t *testing.T, args []string) string {
	var f loadFlags
	var out strings.Builder
	refusal := parsed(f.register, args, func() error {
		return (&app{out: &out, err: &out}).printLoad(&f, &reports.Load{Timeline: []reports.Sample{{AtMs: 1000, Online: 4711}, {AtMs: 2000, Online: 4711}}})
	})
	return refusal + out.String()
}

// mergePlan describes how shards are to be added up: a merge itself needs runs of several
// processes, which testdata/shards.txtar has.
func mergePlan(t *testing.T, args []string) string {
	var f mergeFlags
	return parsed(f.register, args, func() error { return nil }) + fmt.Sprintf("partial %t, verbose %t", f.partial, f.verbose)
}

// printedDiff returns the summary of a comparison in which a time has not drifted.
func printedDiff(t *testing.T, args []string) string {
	var f diffFlags
	var out strings.Builder
	refusal := parsed(f.register, args, func() error {
		d := &diff.Diff{Conformance: &diff.Conformance{Drifts: []diff.TimingDrift{{Name: "expiry", Judgement: diff.Held}}}}
		return (&app{out: &out, err: &out}).printDiff(d, f)
	})
	return refusal + out.String()
}

// effectFiles returns what arguments of these tests name.
func effectFiles(t *testing.T) map[string]string {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	key, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := map[string]string{"PID": strconv.Itoa(os.Getpid()), "START": time.Now().Add(time.Hour).Format(time.RFC3339)}
	for name, text := range map[string]string{
		"CERT":         string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})),
		"KEY":          string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
		"USERS":        "id,token\nu1,t1\nu2,t2\nu4711,t3\n" + manyUsers(),
		"PROFILE":      "name: a name\naddresses: {tcp: '127.0.0.1:1'}\n",
		"CONVERSATION": `{"form": "imcheck conversation 1", "steps": [{"do": "open", "on": "udp"}, {"do": "login"}]}`,
		"SERVE":        "sense-mode: 60S\n",
		"WEIGHTS":      "steps: {kick: 471}\n",
		"EXPECTED":     "- {case: login/accepted, reason: known, expires: 2999-12-31}\n",
	} {
		files[name] = filepath.Join(dir, name)
		if err := os.WriteFile(files[name], []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// saveRun leaves a load in a folder.
func saveRun(t *testing.T, dir string) {
	t.Helper()
	l := &reports.Load{Scenario: "idle", Clients: map[string]int{"tcp": 2}, Timeline: []reports.Sample{{AtMs: 1000, Online: 4711}}}
	l.Outcome = reports.OutcomePass
	if err := folder.SaveLoad(dir, l); err != nil {
		t.Fatal(err)
	}
}

// manyUsers returns as many rows as a load has clients without a flag.
func manyUsers() string {
	var rows strings.Builder
	for n := range 100 {
		fmt.Fprintf(&rows, "more%d,t\n", n)
	}
	return rows.String()
}
