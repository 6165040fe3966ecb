package cli

import "io"

// endOf returns a channel that is closed when input has ended, or cannot be read.
func endOf(input io.Reader) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, input)
	}()
	return ended
}
