// Package certificate has certificates for servers of tests.
package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Own is a certificate for 127.0.0.1 that has signed itself, and its key. JSON takes it to
// another process.
type Own struct {
	Certificate []byte // DER
	Key         []byte // PKCS #8
}

// New makes a certificate with an ECDSA key. It is valid from 1999 on, as the virtual time
// of a test starts in the year 2000.
func New() (own Own, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Own{}, fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "test"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:    time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	if own.Certificate, err = x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key); err != nil {
		return Own{}, fmt.Errorf("make a certificate: %w", err)
	}
	if own.Key, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		return Own{}, fmt.Errorf("encode a key: %w", err)
	}
	return own, nil
}

// Server returns the configuration of a server that has the certificate, nil without one.
func (o Own) Server() (*tls.Config, error) {
	if len(o.Certificate) == 0 {
		return nil, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(o.Key)
	if err != nil {
		return nil, fmt.Errorf("decode a key: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{o.Certificate}, PrivateKey: key}}}, nil
}

// Client returns the configuration of a client that trusts the certificate only, nil
// without one.
func (o Own) Client() (*tls.Config, error) {
	if len(o.Certificate) == 0 {
		return nil, nil
	}
	certificate, err := x509.ParseCertificate(o.Certificate)
	if err != nil {
		return nil, fmt.Errorf("decode a certificate: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	return &tls.Config{RootCAs: roots}, nil
}

// Configs returns the configurations of a server with a new certificate and of a client
// that trusts it.
func Configs() (server, client *tls.Config, err error) {
	own, err := New()
	if err != nil {
		return nil, nil, err
	}
	if server, err = own.Server(); err != nil {
		return nil, nil, err
	}
	client, err = own.Client()
	return server, client, err
}
