package accounts

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"imcheck/protocol/wire"
)

// Spec describes a template, with the keys of a profile. A text may have placeholders: {n}
// for the number, {n:06d} with zeros before it, {id}, {transport}, {hmac} and {jwt}.
type Spec struct {
	ID    string `yaml:"id"`
	Token string `yaml:"token"`
	Extra string `yaml:"extra"`
	First int    `yaml:"first"` // number of the first account; 0 for 1
	Count int    `yaml:"count"` // how many there are; 0 for as many as are needed
	HMAC  *HMAC  `yaml:"hmac"`
	JWT   *JWT   `yaml:"jwt"`
}

// HMAC describes an HMAC-SHA256.
type HMAC struct {
	Of       string `yaml:"of"`       // text that is signed
	Encoding string `yaml:"encoding"` // hex, base64 or base64url; "" for hex
	Key      Key    `yaml:"key"`
}

// JWT describes a JSON Web Token (RFC 7519).
type JWT struct {
	Algorithm string         `yaml:"algorithm"` // HS256 or RS256
	KeyID     string         `yaml:"keyId"`     // kid of the header; "" for none
	Claims    map[string]any `yaml:"claims"`    // texts may have placeholders
	Lifetime  string         `yaml:"lifetime"`  // adds iat and exp; "" for neither
	Key       Key            `yaml:"key"`
}

// Template makes accounts by number.
type Template struct {
	name         string
	first, count int
	id           text
	token, extra text
	hmac         *signature
	jwt          *webToken
	secrets      []string // keys
}

// SpecError reports a part of a template that cannot be used.
type SpecError struct {
	Keys   []string // that lead to it, below the template's
	Reason string
}

func (e *SpecError) Error() string { return e.Reason }

func refuse(keys []string, format string, arguments ...any) error {
	return &SpecError{keys, fmt.Sprintf(format, arguments...)}
}

// NewTemplate returns the accounts of a template; name is what errors and reports call it.
// Keys that files have are looked for in folder. The error is a *SpecError.
func NewTemplate(name, folder string, spec Spec) (*Template, error) {
	t := &Template{name: name, first: cmp.Or(spec.First, 1), count: cmp.Or(spec.Count, Unlimited)}
	for _, number := range []struct {
		key   string
		value int
	}{{"first", spec.First}, {"count", spec.Count}} {
		if number.value < 0 || number.value > maxRows {
			return nil, refuse([]string{number.key}, "%d is out of range: use 1 to %d", number.value, maxRows)
		}
	}
	if spec.ID == "" || spec.Token == "" {
		return nil, refuse([]string{"id"}, "a template needs id and token, such as id: \"user{n}\" and token: \"secret-{id}\"")
	}
	var err error
	if t.hmac, err = t.newSignature(folder, spec.HMAC); err != nil {
		return nil, err
	}
	if t.jwt, err = t.newWebToken(folder, spec.JWT); err != nil {
		return nil, err
	}
	known := append([]string{"n", "id", "transport"}, t.signed()...)
	for _, part := range []struct {
		key   string
		text  string
		into  *text
		known []string
	}{
		{"id", spec.ID, &t.id, []string{"n"}}, {"token", spec.Token, &t.token, known}, {"extra", spec.Extra, &t.extra, known},
	} {
		if *part.into, err = parseText(part.text, part.known); err != nil {
			return nil, refuse([]string{part.key}, "%v", err)
		}
	}
	if err := t.checkUse(); err != nil {
		return nil, err
	}
	return t, t.tryOut()
}

// signed lists the placeholders of what is signed.
func (t *Template) signed() (names []string) {
	if t.hmac != nil {
		names = append(names, "hmac")
	}
	if t.jwt != nil {
		names = append(names, "jwt")
	}
	return names
}

// checkUse refuses what has no effect, and IDs that are all the same.
func (t *Template) checkUse() error {
	if !t.id.has("n") && t.count != 1 {
		return refuse([]string{"id"}, "without {n} all accounts have the same id: write it such as user{n:06d}")
	}
	for _, name := range t.signed() {
		if !t.token.has(name) && !t.extra.has(name) && !(name == "hmac" && t.jwt != nil && t.jwt.uses(name)) {
			return refuse([]string{name}, "nothing uses {%s}: write it in token or extra, or leave %s out", name, name)
		}
	}
	return nil
}

// tryOut makes an account, so that a key or a claim that cannot be used is known at once.
func (t *Template) tryOut() error {
	v := t.values(0, wire.TCP)
	if t.jwt != nil {
		if _, err := t.jwt.sign(v, time.Now()); err != nil {
			return refuse([]string{"jwt"}, "%v", err)
		}
	}
	if fault := faultOf(t.Account(0, wire.TCP)); fault != "" {
		return refuse([]string{"id"}, "%s", fault)
	}
	return nil
}

// Count returns how many accounts there are.
func (t *Template) Count() int { return t.count }

// Name returns the place where the template is written.
func (t *Template) Name() string { return t.name }

// ID returns the user ID of account n.
func (t *Template) ID(n int) string { return t.id.fill(values{n: t.first + n}) }

// Longest returns the ID with the largest number.
func (t *Template) Longest(count int) string { return t.ID(max(0, count-1)) }

// Account makes account n as it logs in on a transport, now where its token has a time.
func (t *Template) Account(n int, kind wire.Transport) Account {
	v := t.values(n, kind)
	if t.jwt != nil {
		v.jwt, _ = t.jwt.sign(v, time.Now()) // it was tried out
	}
	return Account{v.id, t.token.fill(v), t.extra.fill(v)}
}

// Keys returns the keys that tokens are signed with.
func (t *Template) Keys() []string { return t.secrets }

// values returns what placeholders mean, all but {jwt}.
func (t *Template) values(n int, kind wire.Transport) values {
	v := values{n: t.first + n, transport: kind.String()}
	v.id = t.id.fill(v)
	if t.hmac != nil {
		v.hmac = t.hmac.sign(v)
	}
	return v
}

// signature makes the values of {hmac}.
type signature struct {
	of     text
	key    []byte
	encode func([]byte) string
}

func (t *Template) newSignature(folder string, spec *HMAC) (*signature, error) {
	if spec == nil {
		return nil, nil
	}
	encode, known := map[string]func([]byte) string{
		"": hex.EncodeToString, "hex": hex.EncodeToString,
		"base64": base64.StdEncoding.EncodeToString, "base64url": base64.RawURLEncoding.EncodeToString,
	}[spec.Encoding]
	if !known {
		return nil, refuse([]string{"hmac", "encoding"}, "%q is not known: use hex, base64 or base64url", spec.Encoding)
	}
	s := &signature{encode: encode}
	if spec.Of == "" {
		return nil, refuse([]string{"hmac"}, "of is missing: the text that is signed, such as \"{id}\"")
	}
	var err error
	if s.of, err = parseText(spec.Of, []string{"n", "id", "transport"}); err != nil {
		return nil, refuse([]string{"hmac", "of"}, "%v", err)
	}
	if s.key, err = t.readKey(folder, spec.Key); err != nil {
		return nil, refuse([]string{"hmac", "key"}, "%v", err)
	}
	return s, nil
}

func (s *signature) sign(v values) string {
	return s.encode(authenticated(s.key, s.of.fill(v)))
}

// authenticated returns the HMAC-SHA256 of a text.
func authenticated(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text)) // never fails
	return mac.Sum(nil)
}

var errNoKey = errors.New("name the file or the environment variable that has it, as {file: key.txt} or {env: IM_KEY}")
