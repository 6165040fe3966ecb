package eventloop

import "imcheck/harness/transport/batch"

const (
	// batchSize is the number of reads, or writes, made at once: one for each event of a
	// Poll.
	batchSize = eventBatch
	// partSize is the size of the buffer of each read of a batch in bytes. Anything
	// longer takes another read.
	partSize = 2 << 10
)

// operation is a read or a write of one stream.
type operation = batch.Operation[*stream]

// batches makes the reads or writes of many streams at once.
type batches struct {
	batch.Streams[*stream]
	reads  []operation
	writes []operation
	buffer []byte // one part for each read
}

func newBatches(c Config) (b batches) {
	b.buffer = make([]byte, batchSize*partSize)
	if !c.WithoutRing {
		b.Streams = batch.NewStreams[*stream](batchSize)
	}
	return b
}

// write writes what the streams have queued.
func (l *Loop) write() {
	b := &l.batches
	for i, s := range l.unwritten {
		l.unwritten[i] = nil
		s.inUnwritten = false
		if s.writes() {
			b.writes = append(b.writes, operation{Stream: s, FD: s.fd, Sends: true, Bytes: s.out})
		}
		if len(b.writes) == batchSize || i == len(l.unwritten)-1 {
			l.writeBatch()
		}
	}
	l.unwritten = l.unwritten[:0]
}

func (l *Loop) writeBatch() {
	b := &l.batches
	b.Run(b.writes)
	for i := range b.writes {
		b.writes[i].Stream.wrote(b.writes[i].N, b.writes[i].Err)
	}
	clear(b.writes)
	b.writes = b.writes[:0]
}
