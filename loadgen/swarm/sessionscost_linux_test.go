package swarm

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"imcheck/loadgen/books"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// BenchmarkServerSessions reports what the reference server itself costs, by the
// number of its UDP sessions: resident memory a session, and processor time a
// message, a login or a keep-alive with its answer. What stays the same from
// 1,000 to 200,000 sessions grows linearly.
func BenchmarkServerSessions(b *testing.B) {
	for _, sessions := range []int{1_000, 10_000, 50_000, 200_000} {
		b.Run(strconv.Itoa(sessions), func(b *testing.B) {
			for b.Loop() {
				cost := measureSessions(b, sessions)
				b.ReportMetric(cost.bytes/float64(sessions)/1024, "KiB/session")
				b.ReportMetric(cost.seconds*1e6/cost.messages, "cpu-us/message")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// serverCost is a server's use of resources while a fleet was there.
type serverCost struct{ bytes, seconds, messages float64 }

func measureSessions(b *testing.B, sessions int) serverCost {
	b.Helper()
	// 30 s between keep-alives, so that 200,000 sessions fit a small machine; each
	// has one in the time that follows the logins.
	f := fleet{
		On: wire.UDP, Clients: sessions, Sources: loopbacks(200), Mode: timing.Mode30S,
		Ramp: max(3*time.Second, time.Duration(sessions)*150*time.Microsecond), Duration: 31 * time.Second,
	}
	server := startProcess(b, "reference server", referenceServer{Mode: f.Mode}, &f.Addresses)
	bytesBefore, secondsBefore := usageOf(b, server)
	var report reports.Load
	startProcess(b, "fleet", f, &report)
	if report.Sessions.AtEnd != int64(sessions) {
		b.Fatalf("%d of %d sessions are there at the end: %s", report.Sessions.AtEnd, sessions, report.Reason)
	}
	bytes, seconds := usageOf(b, server)
	answered := float64(report.Sessions.LoggedIn)
	for _, l := range report.Latencies {
		if l.Kind == books.KindNames[books.Heartbeat] && l.Transport == reports.AllTransports && l.From == reports.FromDue {
			answered += float64(l.Count)
		}
	}
	return serverCost{bytes - bytesBefore, seconds - secondsBefore, answered}
}

// usageOf returns the resources of a process: the most bytes that were resident so far,
// and seconds of the processor.
func usageOf(b *testing.B, pid int) (bytes, seconds float64) {
	b.Helper()
	return procNumber(b, fmt.Sprintf("/proc/%d/status", pid), "VmHWM:") * 1024,
		procTicks(b, pid) / 100 // Linux counts in hundredths of a second
}

func procNumber(b *testing.B, path, name string) float64 {
	b.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), name)
	fields := strings.Fields(rest)
	if !found || len(fields) == 0 {
		b.Fatalf("%s has no %s", path, name)
	}
	n, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// procTicks is the user and system time of a process. The name of the program,
// in brackets, may hold anything.
func procTicks(b *testing.B, pid int) (ticks float64) {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	for _, field := range fields[11:13] { // utime and stime; the state is field 0
		n, err := strconv.ParseFloat(field, 64)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return ticks
}
