//go:build !linux

package usage

import "errors"

// Process returns the error that this system does not say what other processes use.
func Process(int) (Source, error) {
	return nil, errors.New("only Linux says what another process uses: have the server serve metrics, and give their URL")
}
