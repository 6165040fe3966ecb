package target

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"imcheck/protocol/controlapi"
)

// maxSkimmed is the size in bytes of the largest event that FollowNamed looks at. One that is
// larger is skipped, as long as it is within maxEvent.
const maxSkimmed = 128 << 10

// FollowNamed follows the stream of events until ctx is done, and calls each for those of some
// names, with the time at which one was read; past ones come first, as far as the server still has
// them. Nothing is kept. begun is called once the server answers. The error says why the stream
// ended, and is never nil.
func (c *Control) FollowNamed(ctx context.Context, begun func(), each func(event controlapi.EventLine, readAt time.Time), names ...controlapi.EventName) error {
	// Looking for the name takes a hundredth of the time of parsing the JSON, and a server under
	// load reports thousands of other events a second.
	var marks [][]byte
	for _, name := range names {
		marks = append(marks, []byte(`"`+string(name)+`"`))
	}
	stream, err := c.openEvents(ctx)
	if err != nil {
		return err
	}
	defer stream.Close()
	begun()
	lines := bufio.NewReaderSize(stream, maxSkimmed)
	for {
		line, err := nextLine(lines)
		if err != nil {
			return fmt.Errorf("the stream of events ended: %w", err)
		}
		if !slices.ContainsFunc(marks, func(mark []byte) bool { return bytes.Contains(line, mark) }) {
			continue
		}
		var event controlapi.EventLine
		if json.Unmarshal(line, &event) == nil && slices.Contains(names, event.Event) {
			each(event, time.Now())
		}
	}
}

// nextLine returns the next line, which is valid until the next call; of one that is longer
// than the reader's buffer nothing.
func nextLine(lines *bufio.Reader) ([]byte, error) {
	line, err := lines.ReadSlice('\n')
	for size := len(line); errors.Is(err, bufio.ErrBufferFull); size += len(line) {
		if size > maxEvent {
			return nil, &tooLongError{"an event", maxEvent}
		}
		if line, err = lines.ReadSlice('\n'); err == nil {
			return nil, nil
		}
	}
	if err == io.EOF && len(line) > 0 {
		return line, nil
	}
	return line, err
}
