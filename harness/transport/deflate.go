package transport

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"imcheck/protocol/websocket"
)

// deflateOffer is the extension that compresses messages (RFC 7692) as a client offers it.
// A client that keeps no context of its own needs no memory between messages.
const deflateOffer = "permessage-deflate; client_no_context_takeover"

// window is the size in bytes of what a server may refer back to (RFC 7692 §7.1.2).
const window = 32 << 10

// compressed is the first of the three reserved bits, which marks a compressed message.
const compressed = 4

// Deflation compresses and expands the messages of one connection, as the two ends have
// agreed. It belongs to one connection, whose ends may use it at the same time.
type Deflation struct {
	forgets bool   // the server keeps no context
	context []byte // the last bytes that were received
}

// parseDeflation reads the extensions that a server has chosen of deflateOffer; nil for none.
func parseDeflation(chosen []string) (*Deflation, error) {
	list := strings.Join(chosen, ", ")
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	name, parameters, _ := strings.Cut(list, ";")
	if strings.TrimSpace(name) != "permessage-deflate" || strings.Contains(list, ",") {
		return nil, fmt.Errorf("the server chose the extensions %.100q, and permessage-deflate alone was offered", list)
	}
	d := &Deflation{}
	for parameter := range strings.SplitSeq(parameters, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		bits, err := strconv.Atoi(strings.Trim(value, `" `))
		switch key = strings.TrimSpace(key); {
		case key == "", key == "client_no_context_takeover":
		case key == "server_no_context_takeover":
			d.forgets = true
		case key == "server_max_window_bits" && err == nil && bits >= 8 && bits <= 15:
		default:
			return nil, fmt.Errorf("the server chose %.100q for permessage-deflate, which was not offered", strings.TrimSpace(parameter))
		}
	}
	return d, nil
}

// Pools of what compresses and expands, which is large: no connection has its own.
var (
	deflaters = sync.Pool{New: func() any {
		w, err := flate.NewWriter(io.Discard, flate.BestSpeed)
		if err != nil {
			panic(err) // the level is a constant of the package
		}
		return w
	}}
	inflaters = sync.Pool{New: func() any { return flate.NewReader(nil) }}
)

// emptyBlock ends what a flushed deflater writes, and is left out of a message (RFC 7692
// §7.2.1). lastBlock after it ends the stream for the reader.
var (
	emptyBlock = []byte{0x00, 0x00, 0xff, 0xff}
	lastBlock  = []byte{0x00, 0x00, 0xff, 0xff, 0x01, 0x00, 0x00, 0xff, 0xff}
)

// Frame returns the frame of a text message as a client sends it.
func (d *Deflation) Frame(body []byte) websocket.Frame {
	f := websocket.Client.Frame(websocket.OpText, body)
	if d == nil {
		return f
	}
	var out bytes.Buffer
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&out)
	_, err := w.Write(body)
	if err = errors.Join(err, w.Flush()); err != nil { // a buffer takes everything
		return f
	}
	f.Payload, f.RSV = bytes.TrimSuffix(out.Bytes(), emptyBlock), compressed
	return f
}

// Inflate expands a message of at most a number of bytes, and says whether it has more.
func (d *Deflation) Inflate(message []byte, most int) (expanded []byte, tooLong bool, err error) {
	r := inflaters.Get().(io.ReadCloser)
	defer inflaters.Put(r)
	source := io.MultiReader(bytes.NewReader(message), bytes.NewReader(lastBlock))
	if err := r.(flate.Resetter).Reset(source, d.context); err != nil {
		return nil, false, err
	}
	expanded, err = io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err != nil || len(expanded) > most {
		return nil, err == nil, err
	}
	if !d.forgets {
		d.context = append(d.context, expanded...)
		if extra := len(d.context) - window; extra > 0 {
			d.context = d.context[:copy(d.context, d.context[extra:])]
		}
	}
	return expanded, false, nil
}

// rules returns rules under which compressed messages are accepted.
func (d *Deflation) rules(r websocket.Rules) websocket.Rules {
	if d != nil {
		r.Inflate = d.Inflate
	}
	return r
}

// Reader returns a reader of what the server sends.
func (d *Deflation) Reader(r websocket.Rules) websocket.Reader {
	return websocket.NewReader(websocket.Client, d.rules(r))
}
