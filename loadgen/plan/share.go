package plan

import (
	"fmt"
	"strconv"
	"strings"
)

// maxShards bounds the processes that a run can be divided among.
const maxShards = 1000

// Shard is the part of a run that one process does. Every process has the same settings
// otherwise, and takes its clients out of those of the whole run: ids, due times and
// partners are the whole run's. The zero value is all of it.
type Shard struct {
	Index int // from 1 to Of
	Of    int // 0 when the run is not divided
}

// ParseShard reads "2/4". base is the number of the first shard, 1 or 0: what
// numbers processes from 0 need not add. The error says what to write instead.
func ParseShard(text string, base int) (Shard, error) {
	if base != 0 && base != 1 {
		return Shard{}, fmt.Errorf("the first shard cannot have number %d: use 0 or 1", base)
	}
	index, of, found := strings.Cut(text, "/")
	i, err1 := strconv.Atoi(index)
	n, err2 := strconv.Atoi(of)
	switch {
	case !found || err1 != nil || err2 != nil:
		return Shard{}, fmt.Errorf("%q is not I/N: use such as %d/4 for the first of four", text, base)
	case n < 1 || n > maxShards:
		return Shard{}, fmt.Errorf("%q has %d shards: use 1 to %d", text, n, maxShards)
	case i < base || i >= n+base:
		return Shard{}, fmt.Errorf("%q has shard %d of %d: use %d to %d", text, i, n, base, n+base-1)
	}
	return Shard{Index: i - base + 1, Of: n}, nil
}

// Divided reports whether there are other processes. One shard of one is
// marked as such, and alone all the same.
func (s Shard) Divided() bool { return s.Of > 1 }

// Share maps the clients of a run to those of one shard, which are numbered within it
// without gaps, in the same order.
//
// Clients are dealt out in groups, which have each transport in turn and keep
// partners together: a message between partners is timed by one clock. Only the
// odd one out, whose partner is the first client, may write to another shard.
type Share struct {
	part, of int // from 0 on
	group    int // even
}

// NewShare returns the share of a shard of clients that take so many transports in turn.
// That of a run that is not divided has all clients.
func NewShare(s Shard, transports int) Share {
	group := transports
	if group%2 != 0 {
		group *= 2
	}
	return Share{part: max(0, s.Index-1), of: max(1, s.Of), group: group}
}

// Group returns how many clients at a time a shard takes.
func (s Share) Group() int { return s.group }

// Has reports whether a client of the run is one of the shard's.
func (s Share) Has(client Client) bool { return int(client)/s.group%s.of == s.part }

// Client returns the number in the run of a client that has a number in the shard.
func (s Share) Client(own Own) Client {
	i := int(own)
	return Client((i/s.group*s.of+s.part)*s.group + i%s.group)
}

// Own returns the number in the shard of a client that has a number in the run, and
// is one of the shard's.
func (s Share) Own(client Client) Own {
	i := int(client)
	return Own(i/(s.group*s.of)*s.group + i%s.group)
}

// Count returns how many of the run's clients are the shard's.
func (s Share) Count(clients int) int {
	round := s.group * s.of
	rest := clients%round - s.part*s.group // after the last whole round
	return clients/round*s.group + min(max(rest, 0), s.group)
}

// Workers is the number of workers that deal the clients of a shard out among
// themselves, in turn.
type Workers int

// Slots returns how many of the shard's clients a worker has.
func (n Workers) Slots(worker, own int) int { return (own - worker + int(n) - 1) / int(n) }

// Of returns the worker of a client.
func (n Workers) Of(own Own) int { return int(own) % int(n) }

// Slot returns the place of a client among those of its worker.
func (n Workers) Slot(own Own) Slot { return Slot(int(own) / int(n)) }

// Own returns the client at a slot of a worker.
func (n Workers) Own(worker int, slot Slot) Own { return Own(int(slot)*int(n) + worker) }
