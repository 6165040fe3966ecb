package machine

import (
	"testing"
	"testing/fstest"
	"time"
)

func TestStarved(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  Starvation
	}{
		{"another system", nil, Starvation{}},
		{"two threads", map[string]string{
			"proc/self/task/7/schedstat": "749007 36150506 3\n",
			"proc/self/task/8/schedstat": "1 2000000 4\n",
			"proc/stat":                  "cpu  6297822 150431 1596958 4349048 44109 0 109836 250 0 0\ncpu0 1 1 1 1 1 1 1 9 0 0\n",
		}, Starvation{Waited: 38150506, Stolen: 2500 * time.Millisecond}},
		{"no statistics of threads", map[string]string{"proc/self/task/7/status": "Name: x\n", "proc/stat": "cpu  1 2 3 4 5 6 7\n"}, Starvation{}},
		{"unreadable", map[string]string{"proc/self/task/7/schedstat": "1 many\n", "proc/stat": ""}, Starvation{}},
	}
	for _, test := range tests {
		files := fstest.MapFS{}
		for name, text := range test.files {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := Starved(files); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestStarvedSince(t *testing.T) {
	later, earlier := Starvation{Waited: 3 * time.Second, Stolen: time.Second}, Starvation{Waited: time.Second, Stolen: 2 * time.Second}
	if got, want := later.Since(earlier), (Starvation{Waited: 2 * time.Second}); got != want {
		t.Errorf("%+v, want %+v: a thread that has ended takes its time with it", got, want)
	}
}
