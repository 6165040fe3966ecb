package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"imcheck/conformance/talk"
	"imcheck/harness/relay"
	"imcheck/harness/target"
	"imcheck/reports"
	"imcheck/reports/folder"
	"imcheck/reports/text"
	"imcheck/reports/words"
)

// report makes the report of a talk, which may have ended with an error.
func (f *talkFlags) report(a *app, o talk.Options, t *target.Target, outcome talk.Outcome, started time.Time, err error) *reports.Talk {
	r := &reports.Talk{Header: header(a, reports.KindTalk, t), Transport: o.Transport.String(), Clients: outcome.Clients, Events: outcome.Events, Notes: outcome.Notes}
	r.Target.Addresses[r.Transport], r.Target.SenseModes[r.Transport] = o.Server, o.Mode.String()
	r.Started, r.DurationMs = started, time.Since(started).Milliseconds()
	for i := range r.Clients {
		r.Clients[i].Command = f.commands[i%len(f.commands)]
	}
	if len(o.Policy.Specs()) > 0 {
		r.Impairment = &reports.Impairment{Specs: o.Policy.Specs(), Seed: o.Policy.Seed, Counts: impairmentCounts(outcome.Counts)}
	}
	r.Ways = outcome.Ledger.Ways()
	r.Sum, r.Odd = talk.Sum(r.Ways), outcome.Ledger.Odd()
	concludeTalk(r, err)
	return r
}

// concludeTalk gives a talk its outcome.
func concludeTalk(r *reports.Talk, err error) {
	switch s := r.Sum; {
	case err != nil && errors.Is(err, context.Canceled):
		r.Conclude(reports.OutcomeUnreachable, "interrupted before the talk")
	case err != nil:
		r.Conclude(reports.OutcomeUnreachable, err.Error())
	case !s.Balances():
		r.Conclude(reports.OutcomeFail, unbalanced(s))
	case s.Sent == 0:
		r.Conclude(reports.OutcomeUnreachable, fmt.Sprintf("no message was sent: the clients refused %d", s.Refused))
	default:
		r.Conclude(reports.OutcomePass, "the ledger balances: each message was shown once or reported lost")
	}
}

// unbalanced says why a ledger does not balance.
func unbalanced(l reports.TalkLedger) string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{
		{l.Missing, "neither shown nor reported"}, {l.ShownTwice, "shown twice within ten minutes"}, {l.Strange, "shown that nobody had sent so"},
	} {
		if p.n > 0 {
			parts = append(parts, words.Counted(int64(p.n), "message", "messages")+" "+p.what)
		}
	}
	return "the ledger does not balance: " + strings.Join(parts, ", ")
}

// deliverTalk hands over the report in every way that was asked for. It saves before it
// prints: the reader of stdout may be gone already.
func (a *app) deliverTalk(f *talkFlags, r *reports.Talk, log *relayLog, bar *progress) error {
	var notSaved error
	if f.out != "" {
		notSaved = errors.Join(folder.SaveTalk(f.out, r), log.close())
	}
	err := a.printReport(f.json, false,
		func(w io.Writer) error { return reports.WriteTalkJSON(w, r) },
		func(w io.Writer, o text.Options) error { return text.WriteTalk(w, r, o) })
	if err != nil {
		return err
	}
	a.annotate(folder.ChecksOfTalk(r))
	if notSaved != nil {
		return fmt.Errorf("talk: writing to --out %s: %w", f.out, notSaved)
	}
	if f.out != "" {
		bar.note("report: %s", filepath.Join(f.out, reports.TalkFile))
	}
	return nil
}

// relayLog is the file with the log of a relay; the zero value writes nothing.
type relayLog struct {
	file   *os.File
	buffer *bufio.Writer
	lines  entryWriter
}

// openRelayLog opens the log in the folder of --out, if there is one.
func openRelayLog(out string) (*relayLog, error) {
	if out == "" {
		return &relayLog{}, nil
	}
	file, err := os.Create(filepath.Join(out, reports.RelayLogFile))
	if err != nil {
		return nil, err
	}
	buffer := bufio.NewWriter(file)
	return &relayLog{file: file, buffer: buffer, lines: entryWriter{to: json.NewEncoder(buffer)}}, nil
}

func (l *relayLog) write(e relay.Entry) {
	if l.file != nil {
		l.lines.write(e)
	}
}

// close writes what is left. The error is the first one.
func (l *relayLog) close() error {
	if l.file == nil {
		return nil
	}
	return errors.Join(l.lines.failed, l.buffer.Flush(), l.file.Close())
}
