package control

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// seqs returns the sequence numbers of the first and the last event that is kept.
func (l *Log) seqs() (first, last uint64) {
	return l.kept[0].seq, l.kept[len(l.kept)-1].seq
}

func (l *Log) add(e server.Event) { l.Add(time.Unix(0, 0), e) }

// Large events push older ones out long before their number does, whichever text
// is the large one, and the newest is kept whatever its size.
func TestLogForgetsByBytes(t *testing.T) {
	quarter := strings.Repeat("x", MaxEventBytes/4-eventOverhead)
	message := func(change func(m *wire.Message)) server.Event {
		var m wire.Message
		change(&m)
		return server.Event{Kind: server.EventC2C, Message: &m}
	}
	events := map[string]server.Event{
		"user":        {Kind: server.EventVerify, User: quarter},
		"extra":       {Kind: server.EventLogin, Extra: wire.Some(quarter)},
		"fingerprint": {Kind: server.EventReceived, Fingerprint: wire.Some(quarter)},
		"dataContent": message(func(m *wire.Message) { m.DataContent = wire.Some(quarter) }),
		"from":        message(func(m *wire.Message) { m.From = wire.Some(quarter) }),
		"to":          message(func(m *wire.Message) { m.To = wire.Some(quarter) }),
		"fp":          message(func(m *wire.Message) { m.Fingerprint = wire.Some(quarter) }),
	}
	for name, event := range events {
		log := NewLog()
		for range 10 {
			log.add(event)
		}
		if first, last := log.seqs(); first != 7 || last != 10 {
			t.Errorf("%s: events %d to %d are kept, want 7 to 10", name, first, last)
		}
		log.add(server.Event{Kind: server.EventVerify, User: strings.Repeat("x", 2*MaxEventBytes)})
		if first, last := log.seqs(); first != 11 || last != 11 {
			t.Errorf("%s: events %d to %d are kept, want the last", name, first, last)
		}
		log.add(server.Event{Kind: server.EventLogin})
		if first, last := log.seqs(); first != 12 || last != 12 || log.bytes != eventOverhead {
			t.Errorf("%s: events %d to %d of %d bytes are kept, want the last", name, first, last, log.bytes)
		}
	}
}

// The texts of an event are copied out of the body that it arrived in.
func TestLogLetsBodiesGo(t *testing.T) {
	const count, padding = 200, 1 << 20
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	log := NewLog()
	for i := range count {
		body := strings.Repeat("x", padding) + fmt.Sprint(i)
		text := body[padding:]
		m := wire.NewData(text, text, text)
		log.add(server.Event{Kind: server.EventC2C, User: text, Extra: wire.Some(text), Fingerprint: wire.Some(text), Message: &m})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 10*padding {
		t.Errorf("%d events of a few bytes keep %d bytes", count, grown)
	}
	runtime.KeepAlive(log)
}

// A reader is given a batch at a time, by number and by bytes, and one event at least.
func TestBatches(t *testing.T) {
	tests := []struct {
		name                string
		bytes, count, batch int
	}{
		{"small", 0, 600, maxBatch},
		{"few", 0, 7, 7},
		{"large", maxBatchBytes/4 - eventOverhead, 10, 4},
		{"huge", 2 * maxBatchBytes, 3, 1},
	}
	for _, test := range tests {
		log := NewLog()
		for range test.count {
			log.add(server.Event{Kind: server.EventVerify, User: strings.Repeat("x", test.bytes)})
		}
		var seq uint64
		for _, want := range []int{test.batch, min(test.batch, test.count-test.batch)} {
			events, _ := log.since(seq)
			if len(events) != want || want > 0 && events[0].seq != seq+1 {
				t.Errorf("%s: after %d there are %d events, want %d", test.name, seq, len(events), want)
			}
			seq += uint64(len(events))
		}
		if events, _ := log.since(math.MaxUint64); len(events) != 0 {
			t.Errorf("%s: %d events after the last one", test.name, len(events))
		}
	}
}
