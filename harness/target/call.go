package target

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// CallTimeout bounds one call of a control API, its answer included.
const CallTimeout = 5 * time.Second

// Bounds of an answer in bytes: of its head, of a body with a fingerprint or an error, and
// of one with a list. A list of a hundred thousand users has to fit.
const (
	maxHead        = 64 << 10
	maxShortAnswer = 64 << 10
	maxLongAnswer  = 8 << 20
)

// longAnswers bounds how many long answers are read at the same time. All cases of a run
// may ask at once.
const longAnswers = 2

// answer configures how the answer to a call is read, and how many bytes it may have. The
// zero value reads nothing.
type answer struct {
	most int
	read func(from io.Reader) error
}

// into reads an answer that is one JSON value.
func into(value any) func(io.Reader) error {
	return func(from io.Reader) error {
		text, err := io.ReadAll(from)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, value)
	}
}

// tooLongError reports that the control API sent more than is read of one thing.
type tooLongError struct {
	what string
	most int
}

func (e *tooLongError) Error() string {
	return fmt.Sprintf("the control API sent %s of more than %d KiB", e.what, e.most>>10)
}

// bounded reads at most left bytes, and fails when there are more.
type bounded struct {
	from io.Reader
	left int
	what string
	most int
}

func newBounded(from io.Reader, what string, most int) *bounded {
	return &bounded{from: from, left: most, what: what, most: most}
}

// Read tries to read one byte more than is allowed, to notice that there are more.
func (b *bounded) Read(p []byte) (int, error) {
	if len(p) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.from.Read(p)
	if n > b.left {
		n, err = b.left, &tooLongError{b.what, b.most}
	}
	b.left -= n
	return n, err
}

// call makes one call and reads its answer. It takes no longer than CallTimeout,
// whatever the server does.
func (c *Control) call(ctx context.Context, method, path string, body any, a answer) error {
	bound, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	err := c.exchange(bound, method, path, body, a)
	if err == nil {
		return nil
	}
	if ctx.Err() == nil && bound.Err() != nil {
		err = &sanitizedError{fmt.Sprintf("no complete answer within %v", CallTimeout), bound.Err()}
	}
	return fmt.Errorf("control API: %s %s: %w", method, path, err)
}

func (c *Control) exchange(ctx context.Context, method, path string, body any, a answer) error {
	response, err := c.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if err := checkStatus(response, method); err != nil || a.read == nil {
		return err
	}
	if a.most > maxShortAnswer && (response.ContentLength < 0 || response.ContentLength > maxShortAnswer) {
		select {
		case c.long <- struct{}{}:
			defer func() { <-c.long }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	err = a.read(newBounded(response.Body, "an answer", a.most))
	if _, long := errors.AsType[*tooLongError](err); err == nil || long || ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("the answer is not as the contract says: %s", sanitize(err.Error(), maxErrorText))
}

// checkStatus returns an error for every status except those of success.
func checkStatus(response *http.Response, method string) error {
	switch status := response.StatusCode; {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusNotFound && method == http.MethodPost:
		return ErrNotOnline
	case status >= 300 && response.Header.Get("Location") != "":
		return fmt.Errorf("status %d: redirects are not followed: name the address of the API itself", status)
	}
	// The body may help to see what is wrong.
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxShortAnswer))
	return fmt.Errorf("status %d: %s", response.StatusCode, sanitize(strings.TrimSpace(string(text)), maxErrorText))
}

func (c *Control) request(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+c.address+path, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, &sanitizedError{sanitize(err.Error(), maxErrorText), err}
	}
	return response, nil
}
