package target

import (
	"fmt"
	"strconv"
	"strings"

	"imcheck/protocol/wire"
)

// The bounds in bytes of the largest message that may be named: below, a login with a
// long user id does not fit; above, the answer to such a message is longer than a client
// accepts.
const (
	minLargestMessage  = 1 << 10
	maxLargestMessage  = 512 << 10
	maxLargestDatagram = 60_000
)

// checkLargest refuses a size in bytes that cannot be that of the largest message.
func checkLargest(kind wire.Transport, size int) error {
	most := maxLargestMessage
	if kind == wire.UDP {
		most = maxLargestDatagram
	}
	if size < minLargestMessage || size > most {
		return fmt.Errorf("%d bytes: it has to be from %d to %d", size, minLargestMessage, most)
	}
	return nil
}

// ParseLargest reads the largest messages in bytes, such as "tcp=61440,ws=65536"; 0 where a
// transport is not named.
func ParseLargest(text string) (largest [len(wire.Transports)]int, err error) {
	for part := range strings.SplitSeq(text, ",") {
		name, value, found := strings.Cut(strings.TrimSpace(part), "=")
		kind, err := wire.ParseTransport(name)
		if err != nil || !found {
			return largest, fmt.Errorf("%q is not a transport with a size: write it as tcp=61440,ws=65536", part)
		}
		size, err := strconv.Atoi(value)
		if err != nil {
			return largest, fmt.Errorf("%q is not a number of bytes: write it as %s=61440", value, kind)
		}
		if err := checkLargest(kind, size); err != nil {
			return largest, fmt.Errorf("%s: %w", kind, err)
		}
		if largest[kind] != 0 {
			return largest, fmt.Errorf("%s is named twice: name it once", kind)
		}
		largest[kind] = size
	}
	return largest, nil
}
