package export

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"imcheck/harness/accounts"
	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/reports/words"
)

// Bounds of what a receiver can make this process keep or print.
const (
	maxAnswer     = 64 << 10 // bytes of the body of an answer
	maxAnswerHead = 64 << 10 // bytes of its head
	maxShown      = 200      // characters of an error
)

// Receiver is where figures are sent.
type Receiver struct {
	URL      *url.URL
	Header   []transport.HeaderField // sent with each request; the values may be secret
	Protocol Protocol
}

// Protocol encodes figures and understands the answers of receivers: OTLP or RemoteWrite.
type Protocol interface {
	// Name returns the name that users know it by.
	Name() string
	// send returns nil once the receiver says that it has all figures.
	send(ctx context.Context, to *poster, o Origin, f figures) error
}

// String returns the URL without what may be secret in it.
func (r Receiver) String() string { return target.ShownAddress(r.URL.String()) }

// ParseURL reads where figures are sent. One without a path gets defaultPath; where that is "",
// it is refused.
func ParseURL(text, defaultPath, example string) (*url.URL, error) {
	u, err := url.Parse(text)
	var malformed *url.Error
	if errors.As(err, &malformed) { // whose text has the URL, which may have a secret
		err = malformed.Err
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("it is not a URL: %w: write it as %s", err, example)
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, fmt.Errorf("%q is not the URL of a receiver: write it as %s", target.ShownAddress(text), example)
	case u.Fragment != "":
		return nil, fmt.Errorf("%q has a fragment, which is not sent: leave out what comes after the #", target.ShownAddress(text))
	case strings.Trim(u.Path, "/") == "" && defaultPath == "":
		return nil, fmt.Errorf("%q has no path: write it as %s", target.ShownAddress(text), example)
	case strings.Trim(u.Path, "/") == "":
		u.Path = defaultPath
	}
	return u, nil
}

// ownHeaders belong to the encoding of the figures.
var ownHeaders = []string{"Content-Type", "Content-Encoding", "Content-Length", "Host", versionHeader}

// ParseHeader reads "Name: value" as target.ReadHeader does.
func ParseHeader(text string) (transport.HeaderField, error) {
	field, err := target.ReadHeader(text)
	if err == nil && slices.Contains(ownHeaders, http.CanonicalHeaderKey(field.Name)) {
		err = fmt.Errorf("%s belongs to the encoding of the figures: leave it out", field.Name)
	}
	return field, err
}

// ownTransport returns connections that nobody else has.
func ownTransport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxResponseHeaderBytes = maxAnswerHead
	t.MaxConnsPerHost = 4
	return t
}

// poster sends requests to a receiver, and hides its secrets in what is shown.
type poster struct {
	receiver Receiver
	client   *http.Client
	secrets  accounts.Redactor
}

func newPoster(r Receiver, through http.RoundTripper) *poster {
	if through == nil {
		through = ownTransport()
	}
	p := &poster{receiver: r, client: &http.Client{
		Transport: through,
		// The headers are for the receiver alone.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for _, field := range r.Header {
		p.secrets.Add(field.Value)
		if _, credentials, found := strings.Cut(field.Value, " "); found { // after a scheme such as Bearer
			p.secrets.Add(credentials)
		}
	}
	password, _ := r.URL.User.Password()
	p.secrets.Add(password)
	for _, values := range r.URL.Query() {
		p.secrets.Add(values...)
	}
	return p
}

// compression is a Content-Encoding.
type compression struct {
	name string
	of   func(body []byte) []byte
}

var gzipped = compression{"gzip", func(body []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}}

// post sends a body and returns the answer, whatever its status.
func (p *poster) post(ctx context.Context, content string, c compression, header map[string]string, body []byte) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.receiver.URL.String(), bytes.NewReader(c.of(body)))
	if err != nil {
		return answer{}, p.shown(err)
	}
	request.Header.Set("User-Agent", "imcheck")
	for _, field := range p.receiver.Header {
		request.Header.Add(field.Name, field.Value)
	}
	request.Header.Set("Content-Type", content)
	request.Header.Set("Content-Encoding", c.name)
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return answer{}, p.shown(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return answer{}, p.shown(fmt.Errorf("read the answer: %w", err))
	}
	return answer{p, response.StatusCode, response.Status, response.Header, text}, nil
}

// shown returns an error as it may be shown: printable, short, and without secrets.
func (p *poster) shown(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) { // whose text has the URL, which may have a secret
		err = failed.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &Error{"no answer in time", err}
	}
	return &Error{words.Clip(words.Printable(strings.TrimSpace(p.secrets.Text(err.Error()))), maxShown), err}
}

// Error says why figures were not taken. Its text is printable and has no secrets.
type Error struct {
	Reason string
	Err    error
}

func (e *Error) Error() string { return e.Reason }
func (e *Error) Unwrap() error { return e.Err }

// answer is what a receiver says to a request.
type answer struct {
	poster *poster
	status int
	line   string
	header http.Header
	body   []byte // as much as is read of it
}

func (a answer) ok() bool { return a.status/100 == 2 }

// refusal returns what an answer says that is none of success.
func (a answer) refusal(text string) error {
	reason := "it answers " + a.line
	if text = strings.TrimSpace(strings.ToValidUTF8(text, "�")); text != "" {
		reason += ": " + text
	}
	return a.poster.shown(&statusError{a.status, reason})
}

// rejection says what an answer of success leaves out.
func (a answer) rejection(format string, args ...any) error {
	return a.poster.shown(&statusError{a.status, fmt.Sprintf(format, args...)})
}

// statusError is an answer by which not all figures are taken.
type statusError struct {
	status int
	reason string
}

func (e *statusError) Error() string { return e.reason }

// lasting reports whether an error is the same when the request is repeated.
func lasting(err error) bool {
	var refused *statusError
	if !errors.As(err, &refused) || refused.status/100 == 5 {
		return false
	}
	return refused.status != http.StatusTooManyRequests && refused.status != http.StatusRequestTimeout
}
