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
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/protocol/wire"
)

func TestTemplate(t *testing.T) {
	t.Setenv("IMCHECK_TEST_KEY", "key\n") // the line end is not part of it
	spec := Spec{
		ID: "10{n:06d}", Token: "{transport}/{hmac}", Extra: `{"n":{n}}`, First: 5, Count: 3,
		HMAC: &HMAC{Of: "The quick brown fox jumps over the lazy dog", Key: Key{Env: "IMCHECK_TEST_KEY"}},
	}
	made, err := NewTemplate("p.yaml", "", spec)
	if err != nil {
		t.Fatal(err)
	}
	got := made.Account(1, wire.WS)
	// A published example of HMAC-SHA256 with the key "key".
	want := Account{"10000006", "ws/f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8", `{"n":6}`}
	if got != want || made.ID(1) != want.ID || made.Count() != 3 || made.Keys()[0] != "key" {
		t.Errorf("got %q", got)
	}
}

func TestTemplateHS256(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "key"), []byte("your-256-bit-secret\r\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		spec := Spec{ID: "u{n}", Token: "{jwt}", JWT: &JWT{
			Algorithm: "HS256", KeyID: "k1", Lifetime: "1h", Key: Key{File: "key"},
			Claims: map[string]any{"sub": "{id}", "roles": []any{"user", "{transport}"}, "deep": map[string]any{"n": 7, "ok": true}},
		}}
		made, err := NewTemplate("p.yaml", folder, spec)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(made.Account(0, wire.UDP).Token, ".")
		if len(parts) != 3 {
			t.Fatalf("%d parts", len(parts))
		}
		header, claims := decoded(t, parts[0]), decoded(t, parts[1])
		if header["alg"] != "HS256" || header["typ"] != "JWT" || header["kid"] != "k1" {
			t.Errorf("header %v", header)
		}
		roles, _ := claims["roles"].([]any)
		deep, _ := claims["deep"].(map[string]any)
		now := float64(time.Now().Unix())
		if claims["sub"] != "u1" || len(roles) != 2 || roles[1] != "udp" || deep["n"] != 7.0 || claims["iat"] != now || claims["exp"] != now+3600 {
			t.Errorf("claims %v", claims)
		}
		if want := base64.RawURLEncoding.EncodeToString(authenticated([]byte("your-256-bit-secret"), parts[0]+"."+parts[1])); parts[2] != want {
			t.Errorf("signature %s, want %s", parts[2], want)
		}
	})
}

// TestKnownJWT compares the signature with that of the example of RFC 7515, A.1, whose key
// is bytes that a file has.
func TestKnownJWT(t *testing.T) {
	key, err := base64.RawURLEncoding.DecodeString("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
	if err != nil {
		t.Fatal(err)
	}
	const signed = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
	if got := base64.RawURLEncoding.EncodeToString(authenticated(key, signed)); got != "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" {
		t.Errorf("signature %s", got)
	}
}

func TestTemplateRS256(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range []*pem.Block{{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)}, {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		t.Setenv("IMCHECK_TEST_KEY", string(pem.EncodeToMemory(block)))
		made, err := NewTemplate("p.yaml", "", Spec{ID: "u{n}", Token: "Bearer {jwt}", JWT: &JWT{Algorithm: "RS256", Key: Key{Env: "IMCHECK_TEST_KEY"}}})
		if err != nil {
			t.Fatal(err)
		}
		token := strings.TrimPrefix(made.Account(0, wire.TCP).Token, "Bearer ")
		at := strings.LastIndexByte(token, '.')
		signature, err := base64.RawURLEncoding.DecodeString(token[at+1:])
		sum := sha256.Sum256([]byte(token[:at]))
		if err != nil || rsa.VerifyPKCS1v15(&private.PublicKey, crypto.SHA256, sum[:], signature) != nil {
			t.Errorf("%s: the signature is wrong", block.Type)
		}
	}
}

func decoded(t *testing.T, part string) (object map[string]any) {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err == nil {
		err = json.Unmarshal(text, &object)
	}
	if err != nil {
		t.Fatal(err)
	}
	return object
}

func TestTemplateMistakes(t *testing.T) {
	t.Setenv("IMCHECK_TEST_KEY", "key")
	t.Setenv("IMCHECK_TEST_EMPTY", "")
	key := Key{Env: "IMCHECK_TEST_KEY"}
	hs := func(claims map[string]any) *JWT { return &JWT{Algorithm: "HS256", Claims: claims, Key: key} }
	for _, test := range []struct {
		name string
		spec Spec
		want string // keys, and the beginning of the reason
	}{
		{"no token", Spec{ID: "u{n}"}, "id: a template needs id and token"},
		{"one id", Spec{ID: "u", Token: "t"}, "id: without {n} all accounts have the same id"},
		{"unknown", Spec{ID: "u{n}", Token: "{tokn}"}, "token: {tokn} is not known here: use {n}, {id}, {transport}"},
		{"of an id", Spec{ID: "u{n}{transport}", Token: "t"}, "id: {transport} is not known here: use {n}"},
		{"a form", Spec{ID: "u{n:x}", Token: "t"}, "id: {n:x} has a form that is not known"},
		{"count", Spec{ID: "u{n}", Token: "t", Count: -1}, "count: -1 is out of range"},
		{"a bad id", Spec{ID: " u{n}", Token: "t"}, `id: the id " u1" has spaces around it`},
		{"no key", Spec{ID: "u{n}", Token: "{hmac}", HMAC: &HMAC{Of: "{id}"}}, "hmac.key: name the file or the environment variable"},
		{"no variable", Spec{ID: "u{n}", Token: "{hmac}", HMAC: &HMAC{Of: "{id}", Key: Key{Env: "IMCHECK_TEST_NONE"}}}, "hmac.key: the environment variable IMCHECK_TEST_NONE is not set"},
		{"an empty key", Spec{ID: "u{n}", Token: "{hmac}", HMAC: &HMAC{Of: "{id}", Key: Key{Env: "IMCHECK_TEST_EMPTY"}}}, "hmac.key: the key is empty"},
		{"no text", Spec{ID: "u{n}", Token: "{hmac}", HMAC: &HMAC{Key: key}}, "hmac: of is missing"},
		{"encoding", Spec{ID: "u{n}", Token: "{hmac}", HMAC: &HMAC{Of: "x", Encoding: "utf8", Key: key}}, `hmac.encoding: "utf8" is not known`},
		{"unused", Spec{ID: "u{n}", Token: "t", HMAC: &HMAC{Of: "x", Key: key}}, "hmac: nothing uses {hmac}"},
		{"algorithm", Spec{ID: "u{n}", Token: "{jwt}", JWT: &JWT{Algorithm: "none", Key: key}}, `jwt.algorithm: "none" is not known: use HS256 or RS256`},
		{"no PEM", Spec{ID: "u{n}", Token: "{jwt}", JWT: &JWT{Algorithm: "RS256", Key: key}}, "jwt.key: there is no PEM in it"},
		{"a claim", Spec{ID: "u{n}", Token: "{jwt}", JWT: hs(map[string]any{"sub": "{jwt}"})}, "jwt.claims.sub: {jwt} is not known here"},
		{"a time", Spec{ID: "u{n}", Token: "{jwt}", JWT: hs(map[string]any{"day": time.Time{}})}, "jwt.claims.day: "},
		{"lifetime", Spec{ID: "u{n}", Token: "{jwt}", JWT: &JWT{Algorithm: "HS256", Lifetime: "long", Key: key}}, `jwt.lifetime: "long" is not a duration`},
		{"exp twice", Spec{ID: "u{n}", Token: "{jwt}", JWT: &JWT{Algorithm: "HS256", Lifetime: "1h", Key: key, Claims: map[string]any{"exp": 1}}}, "jwt.claims.exp: lifetime sets it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := NewTemplate("p.yaml", "", test.spec)
			refused, ok := err.(*SpecError)
			if !ok {
				t.Fatalf("got %v", err)
			}
			if got := strings.Join(refused.Keys, ".") + ": " + refused.Reason; !strings.HasPrefix(got, test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
