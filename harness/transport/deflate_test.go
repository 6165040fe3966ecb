package transport

import (
	"bytes"
	"compress/flate"
	"fmt"
	"strings"
	"testing"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"

	"imcheck/protocol/websocket"
)

// serverSide compresses as a server does, with a context that all messages share.
type serverSide struct {
	out bytes.Buffer
	w   *flate.Writer
}

func newServerSide() *serverSide {
	s := &serverSide{}
	s.w, _ = flate.NewWriter(&s.out, flate.BestCompression) // the level exists
	return s
}

func (s *serverSide) compress(text string) []byte {
	s.out.Reset()
	_, _ = s.w.Write([]byte(text)) // a buffer takes everything
	_ = s.w.Flush()
	return bytes.Clone(bytes.TrimSuffix(s.out.Bytes(), emptyBlock))
}

// What a server compresses is read again, over the whole window, and bounded.
func TestInflate(t *testing.T) {
	d, server := &Deflation{}, newServerSide()
	for i := range 200 {
		text := fmt.Sprintf("message %d %s", i, strings.Repeat(fmt.Sprint(i%7), 1000*(i%5)))
		got, tooLong, err := d.Inflate(server.compress(text), 1<<20)
		if err != nil || tooLong || string(got) != text {
			t.Fatalf("message %d: %.40q, %t, %v", i, got, tooLong, err)
		}
	}
	if len(d.context) > window {
		t.Errorf("%d bytes are kept", len(d.context))
	}
	fresh := &Deflation{forgets: true}
	bomb := newServerSide().compress(strings.Repeat("x", 100<<20))
	if got, tooLong, err := fresh.Inflate(bomb, 1000); got != nil || !tooLong || err != nil {
		t.Errorf("100 MiB in %d bytes: %d bytes, %t, %v", len(bomb), len(got), tooLong, err)
	}
	if _, _, err := fresh.Inflate([]byte("\xff\xff not deflate"), 1000); err == nil {
		t.Error("bytes that are not compressed can be read")
	}
	if got, tooLong, err := fresh.Inflate(newServerSide().compress("12345"), 5); string(got) != "12345" || tooLong || err != nil || fresh.context != nil {
		t.Errorf("as long as can be: %q, %t, %v", got, tooLong, err)
	}
}

// What a client compresses another implementation reads, each message by itself.
func TestDeflate(t *testing.T) {
	d := &Deflation{}
	for _, text := range []string{"", "x", strings.Repeat("hello ", 10_000)} {
		f := d.Frame([]byte(text))
		if f.RSV != compressed || !f.Masked || !f.Fin || f.Opcode != websocket.OpText {
			t.Errorf("the frame is %+v", f)
		}
		got, err := wsflate.DecompressFrame(ws.Frame{Header: ws.Header{Fin: true, Rsv: compressed, OpCode: ws.OpText}, Payload: f.Payload})
		if err != nil || string(got.Payload) != text {
			t.Errorf("%.10q: read is %.10q, %v", text, got.Payload, err)
		}
	}
	var none *Deflation
	if f := none.Frame([]byte("x")); f.RSV != 0 || string(f.Payload) != "x" {
		t.Errorf("without compression the frame is %+v", f)
	}
}

func TestParseDeflation(t *testing.T) {
	for chosen, want := range map[string]string{
		"":                   "none",
		"permessage-deflate": "keeps",
		"permessage-deflate; client_no_context_takeover":                               "keeps",
		"permessage-deflate;server_no_context_takeover; server_max_window_bits=\"10\"": "forgets",
		"permessage-deflate; client_max_window_bits=10":                                "refused",
		"permessage-deflate; server_max_window_bits=99":                                "refused",
		"permessage-deflate; surprise":                                                 "refused",
		"x-webkit-deflate-frame":                                                       "refused",
		"permessage-deflate, permessage-deflate":                                       "refused",
	} {
		d, err := parseDeflation([]string{chosen})
		got := "refused"
		switch {
		case err != nil:
		case d == nil:
			got = "none"
		case d.forgets:
			got = "forgets"
		default:
			got = "keeps"
		}
		if got != want {
			t.Errorf("%s: %s, %v; want %s", chosen, got, err, want)
		}
	}
}
