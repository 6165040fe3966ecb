package machine

import (
	"testing"
	"testing/fstest"
	"time"
)

func TestThrottled(t *testing.T) {
	const v2 = "usage_usec 1\nnr_periods 10\nnr_throttled 4\nthrottled_usec 2500000\n"
	const v1 = "nr_periods 10\nnr_throttled 4\nthrottled_time 1500000000\n"
	tests := []struct {
		name  string
		files map[string]string
		want  time.Duration
	}{
		{"another system", nil, 0},
		{"version 2", map[string]string{"proc/self/cgroup": "0::/pod/c\n", "sys/fs/cgroup/pod/c/cpu.stat": v2}, 2500 * time.Millisecond},
		{"version 2, named as on the host", map[string]string{"proc/self/cgroup": "0::/pod/c\n", "sys/fs/cgroup/cpu.stat": v2}, 2500 * time.Millisecond},
		{"version 1", map[string]string{"proc/self/cgroup": "4:memory:/c\n3:cpu,cpuacct:/c\n0::/\n", "sys/fs/cgroup/cpu,cpuacct/c/cpu.stat": v1}, 1500 * time.Millisecond},
		{"no quota", map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.stat": "usage_usec 1\n"}, 0},
		{"unreadable", map[string]string{"proc/self/cgroup": "0::/\nnonsense\n", "sys/fs/cgroup/cpu.stat": "throttled_usec many\n"}, 0},
	}
	for _, test := range tests {
		files := fstest.MapFS{}
		for name, text := range test.files {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := Throttled(files); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
