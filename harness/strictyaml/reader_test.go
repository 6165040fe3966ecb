package strictyaml

import (
	"errors"
	"io/fs"
	"path/filepath"
	"testing"
	"time"
)

func TestReader(t *testing.T) {
	const text = "name: a\ninner:\n  name: ''\n"
	for _, test := range []struct {
		name  string
		check func(r *Reader)
		want  string
	}{
		{"nothing wrong", func(*Reader) {}, ""},
		{"a value", func(r *Reader) { r.Reject(errors.New("too long"), "inner", "name") }, "f.yaml:3: inner.name: too long"},
		{"the first mistake", func(r *Reader) { r.RejectLine(2, "first"); r.Reject(errors.New("second"), "name") }, "f.yaml:2: first"},
		{"the file", func(r *Reader) { r.RejectLine(0, "nothing in it") }, "f.yaml: nothing in it"},
		{"an empty value", (*Reader).RejectEmpty, "f.yaml:3: inner.name: there is no value: give one or leave the key out"},
		{"a duration", func(r *Reader) {
			if got := r.Duration("-5s", time.Second, "name"); got != -5*time.Second {
				t.Errorf("-5s is %v", got)
			}
			if got := r.PositiveDuration("", time.Second, "name"); got != time.Second {
				t.Errorf("without a text it is %v", got)
			}
		}, ""},
		{"no duration", func(r *Reader) { r.Duration("soon", 0, "name") }, `f.yaml:1: name: "soon" is not a duration: write it as 100ms or 5s`},
		{"no positive duration", func(r *Reader) { r.PositiveDuration("soon", 0, "name") }, `f.yaml:1: name: "soon" is not a duration: write it as 100ms or 5s`},
		{"a duration of 0", func(r *Reader) { r.PositiveDuration("0s", 0, "name") }, `f.yaml:1: name: "0s" is not over 0: write it as 100ms or 5s`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var s sample
			r, err := Read("f.yaml", []byte(text), &s, "")
			if err != nil {
				t.Fatal(err)
			}
			test.check(r)
			got := ""
			if err := r.Err(); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	var s sample
	_, err := Read("f.yaml", []byte("name: a\nnmae: b\n"), &s, "use name")
	if mistake, ok := errors.AsType[*FileError](err); !ok || mistake.Line != 2 || err.Error() != `f.yaml:2: unknown key "nmae": use name` {
		t.Errorf("unknown key: %v", err)
	}
	if r, err := Read("f.yaml", nil, &s, ""); err != nil || r.Root != nil {
		t.Errorf("an empty file: %+v, %v", r, err)
	}
	path := filepath.Join(t.TempDir(), "none.yaml")
	_, err = ReadFile(path, "the list")
	if _, ok := errors.AsType[*FileError](err); !ok || !errors.Is(err, fs.ErrNotExist) || err.Error() != path+": the list cannot be read: no such file or directory" {
		t.Errorf("no file: %v", err)
	}
}
