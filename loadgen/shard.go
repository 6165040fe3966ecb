package loadgen

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"imcheck/reports"
)

// maxShards is how many processes a run can be divided among.
const maxShards = 1000

// maxStartAhead is how far off the start of a run may be.
const maxStartAhead = 24 * time.Hour

// Shard is the part of a run that one process does. Every process is given the
// same Config otherwise, and takes its clients out of those of the whole run:
// ids, due times and partners are the whole run's. The zero value is all of it.
type Shard struct {
	Index int // from 1 to Of
	Of    int // 0 when the run is not divided
}

// ParseShard reads "2/4". base is the number of the first shard, 1 or 0: what
// numbers processes from 0 need not add. The error tells what to write instead.
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

// divided reports whether there are other processes. One shard of one is
// marked as such, and alone all the same.
func (s Shard) divided() bool { return s.Of > 1 }

// share is which clients are a shard's. They are numbered within it as well,
// without gaps, in the same order.
//
// Clients are dealt out in groups, which have each transport in turn and keep
// partners together: a message between partners is timed by one clock. Only the
// odd one out, whose partner is the first client, may write to another shard.
type share struct {
	part, of int // from 0 on
	group    int // even
}

// share of a config's shard; that of a run that is not divided has all.
func (c Config) share() share {
	group := len(c.Transports)
	if group%2 != 0 {
		group *= 2
	}
	return share{part: max(0, c.Shard.Index-1), of: max(1, c.Shard.Of), group: group}
}

// has reports whether a client of the run is one of the shard's.
func (s share) has(client int) bool { return client/s.group%s.of == s.part }

// client is the number in the run of a client that has a number in the shard.
func (s share) client(own int) int {
	return (own/s.group*s.of+s.part)*s.group + own%s.group
}

// own is the number in the shard of a client that has a number in the run, and
// is one of the shard's.
func (s share) own(client int) int {
	return client/(s.group*s.of)*s.group + client%s.group
}

// count is how many of the run's clients are the shard's.
func (s share) count(clients int) int {
	round := s.group * s.of
	rest := clients%round - s.part*s.group // behind the last whole round
	return clients/round*s.group + min(max(rest, 0), s.group)
}

// OwnClients is how many of the clients this process has.
func (c Config) OwnClients() int { return c.share().count(c.Clients) }

// checkShard refuses a run that cannot be divided as asked, and times that no
// other process would count from.
func (c Config) checkShard() error {
	share := c.share()
	if last := (share.of - 1) * share.group; c.Shard.divided() && c.Clients <= last {
		return &ConfigError{"--shard", fmt.Sprintf("%d clients are too few for %d shards, which take %d at a time: use more --clients or fewer shards",
			c.Clients, share.of, share.group)}
	}
	if c.Shard.divided() && c.Start.IsZero() {
		return &ConfigError{"--shard", "the shards have to count from the same time: give all of them the same --start-at"}
	}
	return nil
}

// checkStart refuses a start that is over, or so far off that it cannot be meant.
func (c Config) checkStart(now time.Time) error {
	if c.Start.IsZero() {
		return nil
	}
	switch ahead := c.Start.Sub(now); {
	case ahead < 0:
		return &ConfigError{"--start-at", fmt.Sprintf("%s is over for %v: use a time to come", c.Start.Format(time.RFC3339), -ahead.Round(time.Millisecond))}
	case ahead > maxStartAhead:
		return &ConfigError{"--start-at", fmt.Sprintf("%s is %v ahead: use a time within the next %v", c.Start.Format(time.RFC3339), ahead.Round(time.Second), maxStartAhead)}
	}
	return nil
}

// nonceOf makes the nonce of a run. That of a divided run is the same in every
// shard, and still another one each time: no two runs begin at the same moment.
func nonceOf(c Config) string {
	if !c.Shard.divided() {
		return newNonce()
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %d", c.Seed, c.Shard.Of, c.Start.UnixNano()))
	return strconv.FormatUint(uint64(binary.BigEndian.Uint32(sum[:])), base)
}

// reportedShard is what the report says of the shard, for the merge.
func (c Config) reportedShard(nonce string) reports.Shard {
	if c.Shard.Of == 0 {
		return reports.Shard{}
	}
	return reports.Shard{
		Index: c.Shard.Index, Of: c.Shard.Of, Run: nonce, Clients: c.Clients,
		WarmupMs: c.Warmup.Milliseconds(), DurationMs: c.Duration.Milliseconds(),
	}
}
