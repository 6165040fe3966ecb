package cli_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// certificates: makes the PEM files ca, server (for 127.0.0.1, ::1, localhost and im.example), client,
// expired and other (for other.example), all signed by ca, and stranger, which signs
// nothing here; each with a key of its name, as ca.pem and ca-key.pem.
func makeCertificates(ts *testscript.TestScript, _ bool, _ []string) {
	a := authority{ts: ts}
	year := 365 * 24 * time.Hour
	a.issue("ca", nil, -time.Hour, year)
	a.issue("server", []string{"127.0.0.1", "::1", "localhost", "im.example"}, -time.Hour, year)
	a.issue("client", nil, -time.Hour, year)
	a.issue("expired", []string{"127.0.0.1", "::1", "localhost"}, -2*year, -year)
	a.issue("other", []string{"other.example"}, -time.Hour, year)
	stranger := authority{ts: ts}
	stranger.issue("stranger", nil, -time.Hour, year)
}

// authority signs certificates with its first one.
type authority struct {
	ts          *testscript.TestScript
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	issued      int64
}

func (a *authority) issue(name string, hosts []string, from, to time.Duration) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a.ts.Check(err)
	a.issued++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(a.issued), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(to),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	if a.key == nil {
		template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
		a.certificate, a.key = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	a.ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	a.ts.Check(err)
	for file, block := range map[string]*pem.Block{name: {Type: "CERTIFICATE", Bytes: der}, name + "-key": {Type: "PRIVATE KEY", Bytes: private}} {
		a.ts.Check(os.WriteFile(filepath.Join(a.ts.Getenv("WORK"), file+".pem"), pem.EncodeToMemory(block), 0o600))
	}
}
