package accounts

import (
	"slices"
	"strings"
	"testing"

	"imcheck/protocol/wire"
)

func TestRedactor(t *testing.T) {
	const secret = `s3cret "täken" \o/`
	account := Account{"u1", secret, "x1"}
	var r Redactor
	if got := r.Text("nothing is known: " + secret); !strings.HasSuffix(got, secret) {
		t.Errorf("got %s", got)
	}
	r.Add(account.Token, account.Extra, "")
	login := account.Login(0)
	refused := wire.NewErrorResponse(wire.CodeServerNotLoggedIn, login)
	for _, test := range []struct{ name, text, want string }{
		{"plain", "a " + secret + " b", "a " + Hidden + " b"},
		{"twice", secret + secret, Hidden + Hidden},
		{"cut", "it says " + secret[:9] + "… (99 bytes)", "it says " + Hidden + "… (99 bytes)"},
		{"another", "s3cre is none", "s3cre is none"},
		{"in a login", string(login.Append(nil)), ""},
		{"in an error", string(refused.Append(nil)), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := r.Text(test.text)
			if test.want != "" && got != test.want || strings.Contains(got, "s3cret") || strings.Contains(got, "äken") {
				t.Errorf("got %s", got)
			}
		})
	}
}

// TestRedactedLogin holds that a login can still be read, and that what is no secret of an
// account stays.
func TestRedactedLogin(t *testing.T) {
	var r Redactor
	r.Add("t1", "ios")
	body := Account{"u1", "t1", "ios"}.Login(17).Append(nil)
	m, err := wire.Decode(r.Message(body))
	if err != nil {
		t.Fatal(err)
	}
	info, err := wire.ParseLoginInfo(m.DataContent.Value())
	if err != nil || info.UserID != wire.Some("u1") || info.Token != wire.Some(Hidden) || info.Extra != wire.Some(Hidden) || info.FirstLoginTime != 17 {
		t.Errorf("got %+v, %v", info, err)
	}
	refused := Account{"u1", "code:1025", ""}.Login(0).Append(nil)
	if got := r.Message(refused); !slices.Equal(got, refused) {
		t.Errorf("got %s", got)
	}
}

func TestRedactedReport(t *testing.T) {
	type inner struct{ Text string }
	type report struct {
		Text   string
		List   []inner
		Nested *inner
		ByName map[string]int
		Any    any
		Number int
	}
	made := func() *report {
		return &report{Text: "has token-1", List: []inner{{"token-2"}}, Nested: &inner{"token-3 token-4"}, ByName: map[string]int{"token-5": 5, "x": 1}, Number: 6}
	}
	check := func(r *report) {
		t.Helper()
		if r.Text != "has "+Hidden || r.List[0].Text != Hidden || r.Nested.Text != Hidden+" "+Hidden || r.ByName[Hidden] != 5 || r.ByName["x"] != 1 || r.Number != 6 {
			t.Errorf("got %+v", r)
		}
	}
	secrets := []string{"token-1", "token-2", "token-3", "token-4", "token-5", "other"}
	one := made()
	var redactor Redactor
	redactor.Add(secrets...)
	redactor.Report(one)
	check(one)
	other := made()
	Report(other, slices.Values(secrets))
	check(other)
}
