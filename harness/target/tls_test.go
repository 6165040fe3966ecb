package target_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// TestProbeTLS holds that a certificate that is not trusted is noticed before
// any case is run: it is a mistake in the set-up, not a fault of the target.
func TestProbeTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	for name, test := range map[string]struct {
		config *tls.Config
		ok     bool
	}{
		"trusted":     {&tls.Config{RootCAs: trusted}, true},
		"not trusted": {&tls.Config{RootCAs: x509.NewCertPool()}, false},
		"no TLS":      {nil, true}, // the stream is there; what it speaks is for the cases
	} {
		t.Run(name, func(t *testing.T) {
			under := &target.Target{Network: transport.OS{}}
			under.TLS[wire.TCP] = test.config
			under.Addresses[wire.TCP] = server.Listener.Addr().String()
			err := under.Probe(t.Context(), wire.TCP, 5*time.Second)
			var unreachable *target.UnreachableError
			var certificate *tls.CertificateVerificationError
			if test.ok && err != nil || !test.ok && !(errors.As(err, &unreachable) && errors.As(err, &certificate)) {
				t.Errorf("got %v", err)
			}
		})
	}
}
