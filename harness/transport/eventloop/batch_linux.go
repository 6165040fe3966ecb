package eventloop

const (
	// batchSize is how many reads, or writes, are made at once: one for each
	// event of a Poll.
	batchSize = eventBatch
	// partSize is the room in bytes that each of them has for what comes. The
	// rest of what is longer is read on its own.
	partSize = 2 << 10
	// ringWorth is from how many operations on a ring costs less than a call for
	// each: one alone costs twice as much on it.
	ringWorth = 8
)

// operation is a read or a write of one stream.
type operation struct {
	stream *stream
	fd     int32
	sends  bool
	bytes  []byte // to be sent, or room for what comes
	n      int    // how many of them were
	err    error
}

// batches makes the reads and the writes of many streams at once. A hundred
// writes in one system call take a quarter less of the processor's time than one
// by one, more than entering the system that often takes: its code runs faster
// when it is not left in between.
type batches struct {
	ring   *ring // nil when each operation is a call of its own
	reads  []operation
	writes []operation
	buffer []byte // a part for each read
}

func newBatches(c Config) (b batches) {
	b.buffer = make([]byte, batchSize*partSize)
	if !c.WithoutRing {
		b.ring, _ = newRing(batchSize) // without one it costs more, and works as well
	}
	return b
}

// run makes operations, at most a batch of them.
func (b *batches) run(operations []operation) {
	if b.ring != nil && len(operations) >= ringWorth {
		taken, err := b.ring.run(operations)
		if operations = operations[taken:]; err != nil {
			b.close() // the system has run short of something; all works without it
		}
	}
	for i := range operations {
		o := &operations[i]
		if o.sends {
			o.n, o.err = send(int(o.fd), o.bytes)
		} else {
			o.n, o.err = receive(int(o.fd), o.bytes)
		}
	}
}

func (b *batches) close() {
	if b.ring != nil {
		b.ring.close()
		b.ring = nil
	}
}

// write writes what streams have queued.
func (l *Loop) write() {
	b := &l.batches
	for i, s := range l.unwritten {
		l.unwritten[i] = nil
		s.listed = false
		if s.writes() {
			b.writes = append(b.writes, operation{stream: s, fd: s.fd, sends: true, bytes: s.out})
		}
		if len(b.writes) == batchSize || i == len(l.unwritten)-1 {
			l.writeBatch()
		}
	}
	l.unwritten = l.unwritten[:0]
}

func (l *Loop) writeBatch() {
	b := &l.batches
	b.run(b.writes)
	for i := range b.writes {
		b.writes[i].stream.wrote(b.writes[i].n, b.writes[i].err)
	}
	clear(b.writes)
	b.writes = b.writes[:0]
}
