package target_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"imcheck/harness/accounts"
	"imcheck/harness/target"
	"imcheck/protocol/wire"
)

func TestProfileUsers(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{"users.csv": "id,token\nu1,t1\n", "wrong.csv": "id,token\nu1,\n", "key": "k\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(folder, "p.yaml")
	for _, test := range []struct{ name, users, want string }{
		{"none", "", "no users"},
		{"a file", "users: {file: users.csv}", `1: {"u1" "t1" ""}`},
		{"a template", "users: {id: 'u{n}', token: 't{n}', count: 9}", `9: {"u1" "t1" ""}`},
		{"a file and a template", "users: {file: users.csv, count: 1}", "p.yaml:2: users.file: a file and a template exclude each other"},
		{"no file", "users: {file: none.csv}", "p.yaml:2: users.file: "},
		{"a wrong file", "users: {file: wrong.csv}", `wrong.csv:2: the account "u1" has no token`},
		{"nothing", "users: {count: 1}", "p.yaml:2: users.id: a template needs id and token"},
		{"an unknown key", "users: {path: users.csv}", `p.yaml:2: unknown key "path"`},
		{"a claim", "users:\n  id: u{n}\n  token: '{jwt}'\n  jwt:\n    algorithm: HS256\n    key: {file: key}\n    claims:\n      sub: '{x}'", "p.yaml:9: users.jwt.claims.sub: {x} is not known here"},
		{"a key on the command line", "users: {id: 'u{n}', token: '{hmac}', hmac: {of: a, key: secret}}", "p.yaml:2: this has to be a mapping"},
		{"an accepted token too", "users: {file: users.csv}\ncredentials: {accepted: t}", "p.yaml:3: credentials.accepted: each of the users has a token of its own"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := target.ParseProfile(path, []byte("addresses: {tcp: '127.0.0.1:1'}\n"+test.users+"\n"))
			got := ""
			switch {
			case err != nil:
				got = err.Error()
			case p.Target().Users == nil:
				got = "no users"
			default:
				got = accountText(p.Target().Users)
			}
			if !strings.Contains(got, test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func accountText(users accounts.Source) string {
	return fmt.Sprintf("%d: %q", users.Count(), users.Account(0, wire.TCP))
}
