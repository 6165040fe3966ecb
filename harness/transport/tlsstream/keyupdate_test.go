package tlsstream

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
)

// Types of records and of a handshake message (RFC 8446).
const (
	handshakeRecord   = 22
	applicationRecord = 23
	keyUpdate         = 24
)

// traffic seals or opens the records of one direction (RFC 8446 §5), which crypto/tls does
// not let a server do by itself: it never asks for new keys.
type traffic struct {
	*testing.T
	secret  []byte
	records uint64 // with this secret
}

// derive is HKDF-Expand-Label without a context (RFC 8446 §7.1).
func (k *traffic) derive(label string, length int) []byte {
	label = "tls13 " + label
	info := append([]byte{byte(length >> 8), byte(length), byte(len(label))}, label...)
	out, err := hkdf.Expand(sha256.New, k.secret, string(append(info, 0)), length)
	if err != nil {
		k.Fatal(err)
	}
	return out
}

// cipher returns the cipher and the nonce of the next record.
func (k *traffic) cipher() (c cipher.AEAD, nonce []byte) {
	block, err := aes.NewCipher(k.derive("key", 16))
	if err != nil {
		k.Fatal(err)
	}
	if c, err = cipher.NewGCM(block); err != nil {
		k.Fatal(err)
	}
	nonce = k.derive("iv", 12)
	binary.BigEndian.PutUint64(nonce[4:], binary.BigEndian.Uint64(nonce[4:])^k.records)
	k.records++
	return c, nonce
}

func (k *traffic) seal(kind byte, content []byte) []byte {
	c, nonce := k.cipher()
	header := []byte{applicationRecord, 3, 3, 0, byte(len(content) + 1 + c.Overhead())}
	return c.Seal(header, nonce, append(content, kind), header)
}

// open returns the type and the content of the record at the front of in.
func (k *traffic) open(in []byte) (kind byte, content, rest []byte) {
	k.Helper()
	c, nonce := k.cipher()
	end := 5 + int(binary.BigEndian.Uint16(in[3:]))
	content, err := c.Open(nil, nonce, in[5:end], in[:5])
	if err != nil {
		k.Fatalf("a record of the client: %v", err)
	}
	return content[len(content)-1], content[:len(content)-1], in[end:]
}

// update changes to the next keys.
func (k *traffic) update() { k.secret, k.records = k.derive("traffic upd", sha256.Size), 0 }

// A server may change its keys at any time and ask for new ones of the client, which
// answers amid its reads and goes on with those.
func TestKeyUpdates(t *testing.T) {
	inWorld(t, func(w *world) {
		var log bytes.Buffer
		w.client.KeyLogWriter = &log
		w.sessions = NewSessions(w.client)
		s, _ := w.secure(0, 1<<20)
		if suite := s.conn.ConnectionState().CipherSuite; suite != tls.TLS_AES_128_GCM_SHA256 {
			t.Skipf("the test has no cipher for %s", tls.CipherSuiteName(suite))
		}
		server := &traffic{t, secretOf(t, log.String(), "SERVER_TRAFFIC_SECRET_0"), 1} // after a ticket
		client := &traffic{t, secretOf(t, log.String(), "CLIENT_TRAFFIC_SECRET_0"), 0}
		for round := range 3 {
			in := server.seal(handshakeRecord, []byte{keyUpdate, 0, 0, 1, 1})
			server.update()
			in = append(in, server.seal(applicationRecord, []byte("hello"))...)
			if got := w.read(s, in); got != "hello" {
				t.Errorf("round %d: read %q", round, got)
			}
			const waits = "what waits to be sent"
			out, err := s.Write([]byte(waits), []byte("answer"))
			if err != nil || !bytes.HasPrefix(out, []byte(waits)) {
				t.Fatalf("wrote %x, %v", out, err)
			}
			out = out[len(waits):]
			kind, content, rest := client.open(out)
			if kind != handshakeRecord || !bytes.Equal(content, []byte{keyUpdate, 0, 0, 1, 0}) {
				t.Fatalf("round %d: the client answered with %x of type %d", round, content, kind)
			}
			client.update()
			if _, content, _ = client.open(rest); string(content) != "answer" {
				t.Errorf("round %d: the client sent %q", round, content)
			}
		}
	})
}

// secretOf returns a secret from a key log.
func secretOf(t *testing.T, log, name string) []byte {
	t.Helper()
	for line := range strings.Lines(log) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == name {
			secret, err := hex.DecodeString(fields[2])
			if err != nil {
				t.Fatal(err)
			}
			return secret
		}
	}
	t.Fatalf("the key log has no %s", name)
	return nil
}
