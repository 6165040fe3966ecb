package transport

import "imcheck/harness/transport/batch"

// toWrite has a link written to.
func (l *streamLoop) toWrite(k *loopLink) {
	if !k.inUnwritten {
		k.inUnwritten = true
		l.unwritten = append(l.unwritten, k)
	}
}

// write writes what the links in unwritten have, a batch at a time.
func (l *streamLoop) write() {
	for len(l.unwritten) > 0 {
		now := l.unwritten[:min(len(l.unwritten), loopBatch)]
		for _, k := range now {
			k.inUnwritten = false
			if k.hasUnsent() {
				l.writes = append(l.writes, batch.Operation[*loopLink]{Stream: k, FD: k.fd, Sends: true, Bytes: k.unsent})
			}
		}
		l.unwritten = l.unwritten[:copy(l.unwritten, l.unwritten[len(now):])]
		l.streams.Run(l.writes)
		for i := range l.writes {
			l.writes[i].Stream.wrote(l.writes[i].N, l.writes[i].Err)
		}
		clear(l.writes)
		l.writes = l.writes[:0]
	}
}

// giveBack keeps a write buffer for another link.
func (l *streamLoop) giveBack(b []byte) {
	if cap(b) == 0 || cap(b) > loopKeep {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.spare) < 4*loopBatch {
		l.spare = append(l.spare, b[:0])
	}
}
