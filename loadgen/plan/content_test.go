package plan

import (
	"strings"
	"testing"
	"time"

	"imcheck/protocol/wire"
)

func TestContentRoundTrip(t *testing.T) {
	for _, longest := range []time.Duration{28 * time.Hour, 32 * 24 * time.Hour} {
		size := MinPayload(longest)
		if content := string(AppendContent(nil, longest-1, longest, size)); len(content) != size {
			t.Errorf("%q of a run of %v is not %d bytes long", content, longest, size)
		}
	}
	for _, size := range []int{MinPayload(32 * 24 * time.Hour), 64, 5000} {
		for _, stamp := range []time.Duration{0, 1, time.Second, 26 * time.Hour, 32 * 24 * time.Hour} {
			content := string(AppendContent(nil, stamp, stamp+1, size))
			due, sent, ok := ParseContent(content)
			if len(content) != size || !ok || due != stamp || sent != stamp+1 {
				t.Errorf("%q of %d bytes reads %v, %v, %t; want %d bytes, %v, %v", content, len(content), due, sent, ok, size, stamp, stamp+1)
			}
		}
	}
}

func TestParseContentRefuses(t *testing.T) {
	for _, content := range []string{"", "hello", "12", "12.", "12.34", ".12.", "-1.2.", "1.-2.", "1.+2.", "zzzzzzzzzzz.1.", "1.zzzzzzzzzzz.", "ä.1."} {
		if due, sent, ok := ParseContent(content); ok {
			t.Errorf("%q reads as stamps %v and %v", content, due, sent)
		}
	}
}

// What follows the stamps may have been changed on the way.
func TestParseContentPassesOverTheRest(t *testing.T) {
	if _, _, ok := ParseContent("a.b.xxx!"); !ok {
		t.Error("the stamps of a changed content are not read")
	}
}

func FuzzParseContent(f *testing.F) {
	f.Add("a.b.xxx")
	f.Add("..")
	f.Add("zzzzzzzzz.zzzzzzzzz.")
	f.Fuzz(func(t *testing.T, content string) {
		due, sent, ok := ParseContent(content)
		if !ok {
			return
		}
		if due < 0 || sent < 0 {
			t.Fatalf("%q reads as a time before the run: %v, %v", content, due, sent)
		}
		again, _, ok := ParseContent(string(AppendContent(nil, due, sent, len(content))))
		if !ok || again != due {
			t.Fatalf("%q reads %v, written and read again %v, %t", content, due, again, ok)
		}
	})
}

func TestFingerprintBelongsToItsRun(t *testing.T) {
	s := MessageID{35, CountedC2C, 2, 36}
	own := string(Nonce("abc").AppendFingerprint(nil, s))
	if own != "abc.z.c2.10" {
		t.Errorf("the fingerprint is %q, want %q", own, "abc.z.c2.10")
	}
	if got, ok := Nonce("abc").ParseFingerprint(own); !ok || got != s {
		t.Errorf("%q reads %v, %t; want %v", own, got, ok, s)
	}
	for fingerprint, want := range map[string]bool{own: true, "abc": false, "abcd.1.1": false, "xyz.1.1": false, "": false} {
		if got := Nonce("abc").Owns(fingerprint); got != want {
			t.Errorf("Owns(%q) is %t, want %t", fingerprint, got, want)
		}
	}
}

// The fingerprints of any load are recognized, and those of others are not: neither those
// of a conformance run nor what servers and clients make up.
func TestMadeByLoad(t *testing.T) {
	for fingerprint, want := range map[string]bool{
		string(NewNonce().AppendFingerprint(nil, MessageID{35, CountedC2C, 2, 36})): true,
		"abc.z.w0.1": true, "": false, "x3-7": false, "fp-1": false, ".z.c2.10": false, "abc.z.c2": false,
		"0d0ac7b8-8d3e-4a51-9a4b-0c1f6a5f2a11": false,
	} {
		if got := MadeByLoad(fingerprint); got != want {
			t.Errorf("MadeByLoad(%q) is %t, want %t", fingerprint, got, want)
		}
	}
}

// The overhead that Check allows for is that of the longest message there can
// be, and its characters need no escape.
func TestMessageOverhead(t *testing.T) {
	content := strings.Repeat("x", 100)
	nonce := Nonce(strings.Repeat("1", 7))
	user := nonce.User(999)
	m := wire.NewQoSData(user, user, content, string(nonce.AppendFingerprint(nil, MessageID{999, CountedC2C, maxPeers, 1<<32 - 1})))
	if size := len(m.Append(nil)); size > 100+MessageOverhead(1000, "") {
		t.Errorf("a message has %d bytes, allowed for were %d", size, 100+MessageOverhead(1000, ""))
	}
}

func TestParseFingerprintRefuses(t *testing.T) {
	for _, fingerprint := range []string{"", "abc", "abc.", "abc.1", "abc.1.", "abc.1.c", "abc.1.c0", "abc.1.c0.", "abc.-1.c0.1", "abc.1.c-1.1", "abc.1.c0.zzzzzzzz", "abc.!.c0.1"} {
		if s, ok := Nonce("abc").ParseFingerprint(fingerprint); ok {
			t.Errorf("%q reads %v", fingerprint, s)
		}
	}
}
