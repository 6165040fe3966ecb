// Package versions lists the versions of the protocol. A rule holds since one of them: the
// first whose servers, or clients, were seen to keep it (docs/judged.md).
package versions

import (
	"fmt"
	"slices"
	"strings"
)

// Version is a version of the protocol, such as "6.5": that of the server which was
// published with it.
type Version string

// The versions that were observed.
const (
	V60  Version = "6.0"
	V611 Version = "6.1.1"
	V612 Version = "6.1.2"
	V62  Version = "6.2"
	V63  Version = "6.3"
	V64  Version = "6.4"
	V65  Version = "6.5"
)

// Newest is the version that docs/protocol.md describes.
const Newest = V65

// Known lists every version, the oldest first.
var Known = [...]Version{V60, V611, V612, V62, V63, V64, V65}

// Parse reads the name of a version. The error names the versions that there are.
func Parse(text string) (Version, error) {
	if v := Version(text); slices.Contains(Known[:], v) {
		return v, nil
	}
	names := Names()
	last := len(names) - 1
	return "", fmt.Errorf("version %q of the protocol is not known: use %s or %s", text, strings.Join(names[:last], ", "), names[last])
}

// Names lists every version as Parse reads it, the oldest first.
func Names() (names []string) {
	for _, v := range Known {
		names = append(names, string(v))
	}
	return names
}

// Before reports whether v is older than another version. Both have to be known, or "",
// which is older than every version.
func (v Version) Before(other Version) bool {
	return slices.Index(Known[:], v) < slices.Index(Known[:], other)
}
