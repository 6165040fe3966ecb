package loadgen

import (
	"crypto/rand"
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"imcheck/protocol/wire"
)

// base is that of every number in ids and contents: short, and without a
// character that JSON or the observed server escapes (§1).
const base = 36

// maxStamp is how many digits a stamp has at most: enough nanoseconds for 28
// hours, which no run takes.
const maxStamp = 9

// minPayload is the shortest dataContent in bytes: two stamps, each with the
// separator behind it.
const minPayload = 2 * (maxStamp + 1)

const stampEnd = '.'

// newNonce makes the text that tells this run's users and fingerprints from
// those of any other. It does not depend on the seed: a server remembers
// fingerprints for 10 minutes (§4), and the same run may be repeated sooner.
func newNonce() string {
	var b [4]byte
	rand.Read(b[:]) // never fails
	return strconv.FormatUint(uint64(binary.BigEndian.Uint32(b[:])), base)
}

// userID is the id of one client.
func userID(nonce string, client int) string {
	return "load-" + nonce + "-" + strconv.FormatInt(int64(client), base)
}

// stream is a row of messages that are numbered from 0 on: one for each
// receiver and flow, and one for all that do not count, so that the numbers of
// those that do have no gaps.
type stream byte

// Streams.
const (
	countedC2S stream = 's'
	countedC2C stream = 'c'
	countedS2C stream = 'p'
	uncounted  stream = 'w' // of the warm-up
)

// serial is what a fingerprint says of its message. To is the sender's name for
// the receiver, its place among the sender's peers.
type serial struct {
	client int // that sent it
	stream stream
	to     int
	number uint32
}

// appendFingerprint makes the id of a message.
func appendFingerprint(b []byte, nonce string, s serial) []byte {
	b = append(b, nonce...)
	b = append(b, '.')
	b = strconv.AppendInt(b, int64(s.client), base)
	b = append(b, '.', byte(s.stream))
	b = strconv.AppendInt(b, int64(s.to), base)
	b = append(b, '.')
	return strconv.AppendUint(b, uint64(s.number), base)
}

// parseFingerprint reads what appendFingerprint wrote; ok is false for a message
// that is not of this run.
func parseFingerprint(nonce, fingerprint string) (s serial, ok bool) {
	if !ownFingerprint(nonce, fingerprint) {
		return s, false
	}
	client, rest, _ := strings.Cut(fingerprint[len(nonce)+1:], ".")
	to, number, _ := strings.Cut(rest, ".")
	if to == "" {
		return s, false
	}
	c, err := strconv.ParseUint(client, base, 31)
	place, placeErr := strconv.ParseUint(to[1:], base, 31)
	n, numberErr := strconv.ParseUint(number, base, 32)
	return serial{int(c), stream(to[0]), int(place), uint32(n)}, err == nil && placeErr == nil && numberErr == nil
}

// ownFingerprint reports whether a message is one of this run.
func ownFingerprint(nonce, fingerprint string) bool {
	rest, ok := strings.CutPrefix(fingerprint, nonce)
	return ok && strings.HasPrefix(rest, ".")
}

// appendContent makes a dataContent of the given size, which says when the
// message was due and when it was sent, since the start of the run. Whoever
// gets it back, in an ACK's original or at the receiver, can tell its latency
// from it, so that nobody has to keep stamps.
func appendContent(b []byte, due, sent time.Duration, size int) []byte {
	start := len(b)
	b = append(strconv.AppendInt(b, int64(due), base), stampEnd)
	b = append(strconv.AppendInt(b, int64(sent), base), stampEnd)
	for len(b)-start < size {
		b = append(b, 'x')
	}
	return b
}

// parseContent reads the stamps; ok is false for a content that has none.
func parseContent(content string) (due, sent time.Duration, ok bool) {
	due, content, ok = parseStamp(content)
	if !ok {
		return 0, 0, false
	}
	sent, _, ok = parseStamp(content)
	return due, sent, ok
}

func parseStamp(text string) (stamp time.Duration, rest string, ok bool) {
	digits, rest, found := strings.Cut(text, string(stampEnd))
	if !found || len(digits) > maxStamp {
		return 0, "", false
	}
	ns, err := strconv.ParseUint(digits, base, 63)
	return time.Duration(ns), rest, err == nil
}

// messageOverhead is how many bytes the longest message of a run has besides
// its dataContent.
func messageOverhead(clients int) int {
	nonce := strconv.FormatUint(1<<32-1, base)
	user := userID(nonce, clients)
	fingerprint := appendFingerprint(nil, nonce, serial{clients, countedC2C, maxPeers, 1<<32 - 1})
	return len(wire.NewQoSData(user, user, "", string(fingerprint)).Append(nil))
}
