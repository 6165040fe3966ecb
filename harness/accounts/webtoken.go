package accounts

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// webToken makes the values of {jwt} (RFC 7515, compact form).
type webToken struct {
	header   string // encoded
	claims   any    // of maps, lists, texts and other values
	lifetime time.Duration
	key      []byte          // for HS256
	private  *rsa.PrivateKey // for RS256
}

func (t *Template) newWebToken(folder string, spec *JWT) (*webToken, error) {
	if spec == nil {
		return nil, nil
	}
	w := &webToken{}
	known := []string{"n", "id", "transport"}
	if t.hmac != nil {
		known = append(known, "hmac")
	}
	var err error
	for _, name := range slices.Sorted(maps.Keys(spec.Claims)) {
		if _, err = parseClaims(spec.Claims[name], known); err != nil {
			return nil, refuse([]string{"jwt", "claims", name}, "%v", err)
		}
	}
	if w.claims, err = parseClaims(anyMap(spec.Claims), known); err != nil {
		return nil, refuse([]string{"jwt", "claims"}, "%v", err)
	}
	if spec.Lifetime != "" {
		if w.lifetime, err = time.ParseDuration(spec.Lifetime); err != nil || w.lifetime < time.Second {
			return nil, refuse([]string{"jwt", "lifetime"}, "%q is not a duration of a second or more: write it as 24h", spec.Lifetime)
		}
		for _, name := range []string{"iat", "exp"} {
			if _, given := spec.Claims[name]; given {
				return nil, refuse([]string{"jwt", "claims", name}, "lifetime sets it: leave one of them out")
			}
		}
	}
	key, err := t.readKey(folder, spec.Key)
	if err != nil {
		return nil, refuse([]string{"jwt", "key"}, "%v", err)
	}
	switch spec.Algorithm {
	case "HS256":
		w.key = key
	case "RS256":
		if w.private, err = parsePrivateKey(key); err != nil {
			return nil, refuse([]string{"jwt", "key"}, "%v", err)
		}
	default:
		return nil, refuse([]string{"jwt", "algorithm"}, "%q is not known: use HS256 or RS256", spec.Algorithm)
	}
	header := map[string]string{"alg": spec.Algorithm, "typ": "JWT"}
	if spec.KeyID != "" {
		header["kid"] = spec.KeyID
	}
	w.header = encodedJSON(header)
	return w, nil
}

// anyMap is a map as a value, empty instead of nil.
func anyMap(m map[string]any) any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// encodedJSON returns what can always be written as JSON, in the form of a token's part.
func encodedJSON(v any) string {
	b, _ := json.Marshal(v) // of texts, which cannot fail
	return base64.RawURLEncoding.EncodeToString(b)
}

// parsePrivateKey reads an RSA key in PEM. The error does not show it.
func parsePrivateKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("there is no PEM in it: RS256 needs an RSA private key")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("it is a %s, which is not a private key: RS256 needs that of RSA", block.Type)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("it is not a key of RSA, which RS256 needs")
	}
	return key, nil
}

// sign returns the token for some values.
func (w *webToken) sign(v values, now time.Time) (string, error) {
	filled := fillClaims(w.claims, v)
	if all, ok := filled.(map[string]any); ok && w.lifetime > 0 {
		all["iat"], all["exp"] = now.Unix(), now.Add(w.lifetime).Unix()
	}
	body, err := json.Marshal(filled)
	if err != nil {
		return "", fmt.Errorf("the claims cannot be written as JSON: %w", err)
	}
	content := w.header + "." + base64.RawURLEncoding.EncodeToString(body)
	signed := []byte(nil)
	if w.private == nil {
		signed = authenticated(w.key, content)
	} else {
		sum := sha256.Sum256([]byte(content))
		if signed, err = rsa.SignPKCS1v15(rand.Reader, w.private, crypto.SHA256, sum[:]); err != nil {
			return "", fmt.Errorf("the key cannot sign: %w", err)
		}
	}
	return content + "." + base64.RawURLEncoding.EncodeToString(signed), nil
}

// uses reports whether a claim has a placeholder.
func (w *webToken) uses(name string) bool { return claimsHave(w.claims, name) }
