package loadgen

import (
	"crypto/rand"
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"imcheck/harness/wire"
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

// appendFingerprint makes the id of the n-th message of one client.
func appendFingerprint(b []byte, nonce string, client int, n uint32) []byte {
	b = append(b, nonce...)
	b = append(b, '.')
	b = strconv.AppendInt(b, int64(client), base)
	b = append(b, '.')
	return strconv.AppendUint(b, uint64(n), base)
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
	fingerprint := appendFingerprint(nil, nonce, clients, 1<<32-1)
	return len(wire.NewQoSData(user, user, "", string(fingerprint)).Append(nil))
}
