package accounts

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"imcheck/protocol/wire"
)

// listed writes the accounts of a source.
func listed(s Source) string {
	var b strings.Builder
	for n := range s.Count() {
		fmt.Fprintf(&b, "%q\n", s.Account(n, wire.TCP))
	}
	return b.String()
}

func TestParse(t *testing.T) {
	const want = "{\"u1\" \"t,1\" \"\"}\n{\"用户\" \"say \\\"hi\\\"\" \"x\\ny\"}\n"
	for name, text := range map[string]string{
		"CSV":             "id,token,extra\nu1,\"t,1\",\n用户,\"say \"\"hi\"\"\",\"x\ny\"\n",
		"a spreadsheet's": "\ufeffid,token,extra\r\nu1,\"t,1\",\r\n用户,\"say \"\"hi\"\"\",\"x\ny\"\r\n,,\r\n",
		"semicolons":      "Token;ID;Extra\nt,1;u1;\n\"say \"\"hi\"\"\";用户;\"x\ny\"",
		"tabs":            "token\tid\textra\r\nt,1\tu1\t\n\"say \"\"hi\"\"\"\t用户\t\"x\ny\"",
		"JSON lines":      "\ufeff{\"id\":\"u1\",\"token\":\"t,1\"}\r\n\n{\"extra\":\"x\\ny\",\"token\":\"say \\\"hi\\\"\",\"id\":\"用户\"}",
	} {
		t.Run(name, func(t *testing.T) {
			list, err := Parse("users", strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if got := listed(list); got != want || list.ID(1) != "用户" || list.Name() != "users" {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

func TestParseMistakes(t *testing.T) {
	long := strings.Repeat("x", maxField+1)
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "users: it is empty: the first line has to be such as id,token,extra"},
		{"no rows", "id,token\n", "users: there is no account in it: each needs a row with id and token"},
		{"no header", "u1,secret\nu2,secret\n", "users:1: the header has a column that is not known: use id, token and, where the server looks at it, extra"},
		{"no token column", "id,extra\nu1,x\n", "users:1: the header has no column token: the first line has to be such as id,token,extra"},
		{"a column twice", "id,token,ID\n", "users:1: the header has the column id twice"},
		{"a field too many", "id,token\nu1,s3\nu2,secret,x\n", "users:3: 3 fields, and the header has 2: a text with a ',' in it needs quotes around it"},
		{"no id", "id,token\nu1,s\n,secret\n", "users:3: there is no id"},
		{"no token", "id,token\nu1,\n", `users:2: the account "u1" has no token`},
		{"the server", "id,token\n0,s\n", `users:2: the id "0" is that of the server`},
		{"spaces", "id,token\nu1 ,s\n", `users:2: the id "u1 " has spaces around it`},
		{"a line in an id", "id,token\n\"u\n1\",s\n", `users:2: the id "u\n1" has a control character in it`},
		{"twice", "id,token\nu1,\"a\nb\"\nu2,s\nu1,s\n", `users:5: the id "u1" was given on line 2 already: each account once`},
		{"a quote", "id,token\nu1,se\"cret\n", "users:2: there is a quote in a text that does not begin with one: put the text into quotes, and write those in it twice"},
		{"an open quote", "id,token\nu1,\"secret\nu2,x\n", "users:2: the quotes are wrong: one within a quoted text is written twice, and one that begins has to end"},
		{"Latin-1", "id,token\nu1,s\nu2,\xe9\n", "users:3: it is not UTF-8: save the file as UTF-8"},
		{"UTF-16", "\xff\xfei\x00d\x00", "users:1: the file is UTF-16: save it as UTF-8 (in a spreadsheet \"CSV UTF-8\")"},
		{"a long token", "id,token\nu1," + long, "users:2: the token has 32769 bytes: at most 32768"},
		{"JSON without end", "{\"id\":\"u1\",\"token\":\"a\"}\n{\"id\":\"u2\",\"token\":\"secret", `users:2: it is not JSON: each line has to be such as {"id": "u1", "token": "…", "extra": "…"}`},
		{"a number", `{"id":17,"token":"secret"}`, `users:1: "id" has to be a text, in quotes`},
		{"an unknown key", `{"id":"u1","password":"secret"}`, `users:1: it has a key that is not known: each line has to be such as {"id": "u1", "token": "…", "extra": "…"}`},
		{"a key twice", `{"id":"u1","id":"u2","token":"secret"}`, `users:1: it has the key "id" twice`},
		{"two objects on a line", `{"id":"u1","token":"a"}{"id":"u2","token":"a"}`, `users:1: there is something after the object: each line has to be such as {"id": "u1", "token": "…", "extra": "…"}`},
		{"JSON in Latin-1", "{\"id\":\"u1\",\"token\":\"\xe9\"}", "users:1: it is not UTF-8: save the file as UTF-8"},
		{"JSON twice", "{\"id\":\"u1\",\"token\":\"a\"}\n\n{\"id\":\"u1\",\"token\":\"a\"}", `users:3: the id "u1" was given on line 1 already: each account once`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("users", strings.NewReader(test.text))
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.csv")
	if _, err := ReadFile(path); err == nil || err.Error() != path+": the users cannot be read: no such file or directory" {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(path, []byte("id,token\nu,t\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if list, err := ReadFile(path); err != nil || list.Count() != 1 {
		t.Errorf("%v", err)
	}
}

// TestMemoryOfList holds what the documentation says that an account costs.
func TestMemoryOfList(t *testing.T) {
	const rows, text = 100_000, 100
	var file bytes.Buffer
	file.WriteString("id,token\n")
	for n := range rows {
		fmt.Fprintf(&file, "%020d,%0*d\n", n, text-20, n)
	}
	list, err := Parse("users", &file)
	if err != nil {
		t.Fatal(err)
	}
	kept := len(list.text) + 4*cap(list.ends)
	if most := rows * (text + fields*4) * 3 / 2; kept > most {
		t.Errorf("%d accounts take %d bytes, more than %d", rows, kept, most)
	}
	runtime.KeepAlive(list)
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"id,token\nu1,t\n", "\ufeffid;token;extra\r\nu;\"a\"\"b\";x\r\n", `{"id":"u","token":"t"}`, "id,token\nu,\"", "\xff\xfe"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := Parse("users", strings.NewReader(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "users:") {
				t.Errorf("the error does not name the file: %v", err)
			}
			return
		}
		seen := map[string]bool{}
		for n := range list.Count() {
			a := list.Account(n, wire.UDP)
			if fault := faultOf(a); fault != "" || seen[a.ID] {
				t.Errorf("account %d: %q %s", n, a.ID, fault)
			}
			seen[a.ID] = true
		}
	})
}
