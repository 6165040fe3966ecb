package tlsstream

import (
	"bytes"
	"crypto/tls"
	"reflect"
	"unsafe"
)

// keepSize is the capacity in bytes up to which a stream keeps the buffer of crypto/tls
// while nothing is in it. A record of a message of usual length fits.
const keepSize = 2 << 10

// buffers are the offsets in a tls.Conn of the buffers of what it has received. It keeps
// them as large as the largest record and handshake message so far, certificates
// included, which is half of what a client takes. There is no way to free them but this
// one; where the fields are not found they are kept.
var buffers = func() (offsets []uintptr) {
	for _, name := range []string{"rawInput", "hand"} {
		if f, ok := reflect.TypeFor[tls.Conn]().FieldByName(name); ok && f.Type == reflect.TypeFor[bytes.Buffer]() {
			offsets = append(offsets, f.Offset)
		}
	}
	return offsets
}()

// freeBuffers frees those buffers of a connection that have more room than some bytes, and
// no more in them than others, which it copies. All of the last record's bytes have to
// have been read, as they are in one of them.
func freeBuffers(c *tls.Conn, room, content int) {
	for _, offset := range buffers {
		if b := (*bytes.Buffer)(unsafe.Add(unsafe.Pointer(c), offset)); b.Cap() > room && b.Len() <= content {
			*b = *bytes.NewBuffer(bytes.Clone(b.Bytes()))
		}
	}
}
