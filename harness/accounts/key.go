package accounts

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Key names the place of a key: a file or an environment variable. One is set.
type Key struct {
	File string `yaml:"file"`
	Env  string `yaml:"env"`
}

// maxKey bounds the bytes of a key.
const maxKey = 64 << 10

// readKey reads a key and remembers that it is secret. A line end after it is not part of
// it. The error does not show it.
func (t *Template) readKey(folder string, k Key) ([]byte, error) {
	key, err := k.read(folder)
	if err != nil {
		return nil, err
	}
	key = bytes.TrimRight(key, "\r\n")
	if len(key) == 0 {
		return nil, errors.New("the key is empty")
	}
	if len(key) > maxKey {
		return nil, fmt.Errorf("the key has %d bytes: at most %d", len(key), maxKey)
	}
	t.secrets = append(t.secrets, string(key))
	return key, nil
}

func (k Key) read(folder string) ([]byte, error) {
	switch {
	case (k.File == "") == (k.Env == ""):
		return nil, errNoKey
	case k.Env != "":
		value, set := os.LookupEnv(k.Env)
		if !set {
			return nil, fmt.Errorf("the environment variable %s is not set", k.Env)
		}
		return []byte(value), nil
	}
	path := k.File
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	return os.ReadFile(path)
}
