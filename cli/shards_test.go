package cli_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/rogpeppe/go-internal/testscript"

	"imcheck/reports"
)

// startAhead is the time that the processes of a script have to get ready for a
// common start, on a machine that does other things too.
const startAhead = 4 * time.Second

// shards CODES N COMMAND [ARGS]: runs a command as N processes at once, each
// with its --shard, its --out shard-I and the same --start-at. Each ends with
// one of these exit codes.
func shards(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	path, err := exec.LookPath(args[2])
	ts.Check(err)
	start := time.Now().Add(startAhead).UTC().Format(time.RFC3339Nano)
	running := make([]*exec.Cmd, n)
	output := make([]strings.Builder, n)
	for i := range running {
		own := []string{"--start-at", start, "--shard", fmt.Sprintf("%d/%d", i+1, n), "--out", fmt.Sprintf("shard-%d", i+1)}
		running[i] = exec.Command(path, slices.Concat(args[3:], own)...)
		running[i].Dir, running[i].Stdout, running[i].Stderr = ts.Getenv("WORK"), &output[i], &output[i]
		ts.Check(running[i].Start())
	}
	var wrong []string
	for i, process := range running {
		_ = process.Wait() // the exit code says it all
		if code := strconv.Itoa(process.ProcessState.ExitCode()); !slices.Contains(strings.Split(args[0], ","), code) {
			wrong = append(wrong, fmt.Sprintf("shard %d exits with %s:\n%s", i+1, code, output[i].String()))
		}
	}
	if wrong != nil {
		ts.Fatalf("%s", strings.Join(wrong, "\n"))
	}
}

// adds-up WHOLE DIRS: each histogram of the whole run has, count by count, what
// those of the shards have together.
func addsUp(ts *testscript.TestScript, _ bool, args []string) {
	sums := map[reports.Series]*hdrhistogram.Histogram{}
	for i, dir := range args {
		b, err := reports.ReadDir(ts.MkAbs(dir))
		ts.Check(err)
		for _, row := range b.Load.Latencies {
			h, err := hdrhistogram.Decode([]byte(row.Histogram))
			ts.Check(err)
			key := reports.Series{Kind: row.Kind, Transport: row.Transport, From: row.From}
			switch sum := sums[key]; {
			case i == 0:
				sums[key] = h
				continue
			case sum == nil || sum.TotalCount() < h.TotalCount():
				ts.Fatalf("the whole lacks what %s has of %v", dir, key)
			}
			subtract(ts, sums[key], h)
		}
	}
	if len(sums) == 0 {
		ts.Fatalf("there is no histogram")
	}
	for key, rest := range sums {
		if rest.TotalCount() != 0 {
			ts.Fatalf("the whole has %d values of %v that no shard has", rest.TotalCount(), key)
		}
	}
}

// subtract takes counts away, each of which has to be there.
func subtract(ts *testscript.TestScript, from, h *hdrhistogram.Histogram) {
	whole, part := from.Export(), h.Export()
	for i, n := range part.Counts {
		if whole.Counts[i] -= n; whole.Counts[i] < 0 {
			ts.Fatalf("the whole has too few values in bucket %d", i)
		}
	}
	*from = *hdrhistogram.Import(whole)
}
