package target

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// withoutCheck is the advice for a certificate that cannot be made to fit.
const withoutCheck = "--tls-insecure checks no certificate"

// tlsAdvice explains the failure of a TLS handshake, or with the stream after it, and
// which flag helps; "" for any other error.
func tlsAdvice(kind wire.Transport, config *tls.Config, err error) string {
	if text := certificateAdvice(err); text != "" {
		return text
	}
	_, isRecord := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case isAlert(err):
		return alertAdvice(config, err)
	case isRecord:
		return "what answers there is not TLS: " + plainAdvice(kind)
	case !strings.Contains(err.Error(), "TLS handshake"):
		return ""
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "the server ends the connection when it is asked for TLS, so that this port may be one without: " + plainAdvice(kind)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "the server does not answer when it is asked for TLS, so that this port may be one without: " + plainAdvice(kind)
	}
	return "the TLS handshake fails: --tls-server-name, --tls-ca and --tls-cert are what can be set of it"
}

// plainAdvice explains the use of a transport without TLS.
func plainAdvice(kind wire.Transport) string {
	if kind == wire.WS {
		return "write the URL with ws://, or leave ws out of --tls"
	}
	return fmt.Sprintf("leave %s out of --tls", kind)
}

// certificateAdvice explains why the server's certificate is not accepted.
func certificateAdvice(err error) string {
	if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return fmt.Sprintf("its certificate%s is signed by an authority that is not known here: name the PEM file of that authority with --tls-ca (%s)",
			subjectOf(unknown.Cert), withoutCheck)
	}
	if wrong, ok := errors.AsType[x509.HostnameError](err); ok {
		return fmt.Sprintf("its certificate is for %s, not for %s: if it is the right server, name it with --tls-server-name (%s)",
			namesOf(wrong.Certificate), wrong.Host, withoutCheck)
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		switch c := invalid.Cert; {
		case invalid.Reason == x509.Expired && c != nil && time.Now().Before(c.NotBefore):
			return fmt.Sprintf("its certificate%s is not valid before %s: is the clock of this machine right? (%s)", subjectOf(c), c.NotBefore.UTC().Format(time.DateOnly), withoutCheck)
		case invalid.Reason == x509.Expired && c != nil:
			return fmt.Sprintf("its certificate%s expired on %s: renew it (%s)", subjectOf(c), c.NotAfter.UTC().Format(time.DateOnly), withoutCheck)
		}
		return fmt.Sprintf("its certificate is not valid: %s (%s)", sanitize(invalid.Error(), maxErrorText), withoutCheck)
	}
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Sprintf("its certificate is not accepted: %s (--tls-ca names another authority; %s)", sanitize(bad.Err.Error(), maxErrorText), withoutCheck)
	}
	return ""
}

// isAlert reports whether a server has ended a TLS connection with an alert.
func isAlert(err error) bool { return strings.Contains(err.Error(), "remote error: tls: ") }

// alertAdvice explains the alert with which a server has ended a TLS connection. Package tls
// has no type for it, only the texts of RFC 8446 §6.
func alertAdvice(config *tls.Config, err error) string {
	text := alertText(err)
	own := config != nil && len(config.Certificates) > 0
	switch {
	case strings.Contains(text, "unrecognized name"):
		return "the server does not know the name that it is called by: name another one with --tls-server-name"
	case own && (strings.Contains(text, "certificate") || strings.Contains(text, "access denied")):
		return "the server refuses the certificate of --tls-cert: name one that it accepts, with its key in --tls-key"
	case !own && (strings.Contains(text, "certificate") || strings.Contains(text, "handshake failure")):
		return "the server wants a certificate of the client: name one with --tls-cert and --tls-key"
	}
	return "the server ends the TLS handshake: --tls-server-name and --tls-cert are what it may be about"
}

// alertText returns what an alert says.
func alertText(err error) string {
	_, text, found := strings.Cut(err.Error(), "tls: ")
	if !found {
		text = err.Error()
	}
	return sanitize(text, maxErrorText)
}

// subjectOf names a certificate, with a blank before; "" without one.
func subjectOf(c *x509.Certificate) string {
	if c == nil {
		return ""
	}
	return fmt.Sprintf(" %q", sanitize(c.Subject.String(), maxNameText))
}

// namesOf lists what a certificate is for.
func namesOf(c *x509.Certificate) string {
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "no name at all"
	}
	return sanitize(strings.Join(names, ", "), maxErrorText)
}

// tlsInsteadAdvice is the error of a server that speaks TLS where it is asked without.
func tlsInsteadAdvice(kind wire.Transport) string {
	if kind == wire.WS {
		return "it speaks TLS on this port: write the URL with wss://, or name ws in --tls"
	}
	return fmt.Sprintf("it speaks TLS on this port: name %s in --tls", kind)
}

// errSpeaksTLS is the error of a plain connection to a port with TLS.
var errSpeaksTLS = errors.New("the answer is not in the protocol")

// speaksTLS makes a TLS handshake, whatever the certificate.
func (t *Target) speaksTLS(ctx context.Context, dial string, wait time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	config := &tls.Config{InsecureSkipVerify: true} // nothing is sent over it
	conn, err := transport.Dial(ctx, t.Network, wire.TCP, dial, transport.Options{TLS: config})
	if err != nil {
		// A server that wants a certificate of the client has shown that it speaks TLS.
		return isAlert(err)
	}
	_ = conn.Abort()
	return true
}
