package machine

import (
	"bytes"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// Throttled returns the time for which the CPU quota of this process's container has
// kept its threads from running so far. The times of several threads may add up. It is
// 0 without a quota, or if the system does not report it. root is the root of the
// file system, os.DirFS("/").
//
// The files are those of the control groups of Linux, of both versions (cgroups(7)).
func Throttled(root fs.FS) time.Duration {
	groups, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(groups)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) < 3 {
			continue
		}
		switch controllers, group := parts[1], parts[2]; {
		case controllers == "":
			if d, ok := throttled(root, "sys/fs/cgroup", group, "throttled_usec", time.Microsecond); ok {
				return d
			}
		case strings.Contains(","+controllers+",", ",cpu,"):
			if d, ok := throttled(root, "sys/fs/cgroup/"+controllers, group, "throttled_time", time.Nanosecond); ok {
				return d
			}
		}
	}
	return 0
}

// throttled reads the statistics of a control group. In a container the group may be
// named as the host names it, while its folder is the root.
func throttled(root fs.FS, mount, group, key string, unit time.Duration) (time.Duration, bool) {
	for _, folder := range []string{path.Join(mount, group), mount} {
		text, err := fs.ReadFile(root, path.Join(folder, "cpu.stat"))
		if err != nil {
			continue
		}
		for line := range bytes.Lines(text) {
			if name, value, _ := bytes.Cut(bytes.TrimSpace(line), []byte(" ")); string(name) == key {
				n, err := strconv.ParseInt(string(value), 10, 64)
				return time.Duration(n) * unit, err == nil
			}
		}
	}
	return 0, false
}
