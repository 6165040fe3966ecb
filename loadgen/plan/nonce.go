package plan

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"imcheck/protocol/wire"
)

// base is that of every number in ids and contents: short, and without a
// character that JSON or the observed server escapes (§1).
const base = 36

// Nonce distinguishes the users and fingerprints of one run from those of any other.
type Nonce string

// NewNonce makes a nonce at random. It does not depend on the seed: a server remembers
// fingerprints for 10 minutes (§4), and the same run may be repeated sooner.
func NewNonce() Nonce {
	var b [4]byte
	rand.Read(b[:]) // never fails
	return nonceOf(b[:])
}

// SharedNonce returns the nonce of a run that is divided among so many shards: the same
// in each of them, and another one each time, as no two runs begin at the same moment.
func SharedNonce(seed int64, shards int, start time.Time) Nonce {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %d", seed, shards, start.UnixNano()))
	return nonceOf(sum[:])
}

func nonceOf(b []byte) Nonce {
	return Nonce(strconv.FormatUint(uint64(binary.BigEndian.Uint32(b)), base))
}

// User returns the id of one client.
func (n Nonce) User(client Client) string {
	return "load-" + string(n) + "-" + strconv.FormatInt(int64(client), base)
}

// Stream is a series of messages that are numbered from 0: one for each receiver and
// flow, and one for all that do not count, so that the numbers of those that do have no
// gaps.
type Stream byte

// Streams.
const (
	CountedC2S Stream = 's'
	CountedC2C Stream = 'c'
	CountedS2C Stream = 'p'
	Uncounted  Stream = 'w' // messages of the warm-up
	ToAbsent   Stream = 'a' // messages to clients that are away, which no ledger has
)

// StreamOf has the streams of messages that count; there is none of echoes.
var StreamOf = [Flows]Stream{ToServer: CountedC2S, ToClient: CountedC2C, FromServer: CountedS2C}

// Flow returns the flow of a stream whose messages count.
func (s Stream) Flow() Flow {
	for f, stream := range StreamOf {
		if stream == s {
			return Flow(f)
		}
	}
	return ToServer
}

// MessageID identifies a message within its run; a fingerprint encodes it.
type MessageID struct {
	Client Client // sender, or for a push the receiver
	Stream Stream
	To     Place // the receiver's place, among the sender's peers
	Number uint32
}

// AppendFingerprint appends the fingerprint of a message to b.
func (n Nonce) AppendFingerprint(b []byte, id MessageID) []byte {
	b = append(b, n...)
	b = append(b, '.')
	b = strconv.AppendInt(b, int64(id.Client), base)
	b = append(b, '.', byte(id.Stream))
	b = strconv.AppendInt(b, int64(id.To), base)
	b = append(b, '.')
	return strconv.AppendUint(b, uint64(id.Number), base)
}

// ParseFingerprint reads what AppendFingerprint wrote; ok is false for a message
// of another run.
func (n Nonce) ParseFingerprint(fingerprint string) (id MessageID, ok bool) {
	if !n.Owns(fingerprint) {
		return id, false
	}
	client, rest, _ := strings.Cut(fingerprint[len(n)+1:], ".")
	to, number, _ := strings.Cut(rest, ".")
	if to == "" {
		return id, false
	}
	c, err := strconv.ParseUint(client, base, 31)
	place, placeErr := strconv.ParseUint(to[1:], base, 31)
	count, numberErr := strconv.ParseUint(number, base, 32)
	return MessageID{Client(c), Stream(to[0]), Place(place), uint32(count)}, err == nil && placeErr == nil && numberErr == nil
}

// MadeByLoad reports whether a fingerprint has the form of those of loads, of whatever run.
// Few others have it.
func MadeByLoad(fingerprint string) bool {
	nonce, _, _ := strings.Cut(fingerprint, ".")
	_, ok := Nonce(nonce).ParseFingerprint(fingerprint)
	return ok && nonce != ""
}

// Owns reports whether a fingerprint is one of this run.
func (n Nonce) Owns(fingerprint string) bool {
	rest, ok := strings.CutPrefix(fingerprint, string(n))
	return ok && strings.HasPrefix(rest, ".")
}

// LongestUser returns an ID as long as the longest of a run that makes them up.
func LongestUser(clients int) string {
	return Nonce(strconv.FormatUint(1<<32-1, base)).User(Client(clients))
}

// MessageOverhead returns how many bytes the longest message of a run has besides
// its dataContent. user is the longest of its user IDs; "" when the run makes them up.
func MessageOverhead(clients int, user string) int {
	nonce := Nonce(strconv.FormatUint(1<<32-1, base))
	if user == "" {
		user = nonce.User(Client(clients))
	}
	fingerprint := nonce.AppendFingerprint(nil, MessageID{Client(clients), CountedC2C, maxPeers, 1<<32 - 1})
	return len(wire.NewQoSData(user, user, "", string(fingerprint)).Append(nil))
}
