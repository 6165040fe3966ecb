package accounts

import (
	"iter"
	"strings"
	"sync"

	"imcheck/protocol/wire"
)

// Hidden is shown in place of a secret.
const Hidden = "‹hidden›"

// headLength is the length of the shortest secret, and of the shortest beginning of one,
// that is recognized in any text. Tokens that are shorter are hidden in logins only: in
// other texts they could be words.
const headLength = 6

// Redactor hides secrets in what is shown, also where a text is cut within one. The zero
// value knows none. Several goroutines may use it at once.
type Redactor struct {
	mu     sync.RWMutex
	heads  map[string][]string // secrets in all their forms, by their first bytes
	tokens map[string]bool     // tokens and extras, of any length
}

// Add makes secrets known.
func (r *Redactor) Add(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, secret := range secrets {
		if secret == "" || r.tokens[secret] {
			continue
		}
		if r.tokens == nil {
			r.tokens, r.heads = map[string]bool{}, map[string][]string{}
		}
		r.tokens[secret] = true
		for form := range forms(secret) {
			if len(form) >= headLength {
				r.heads[form[:headLength]] = append(r.heads[form[:headLength]], form)
			}
		}
	}
}

// nesting is the number of times that a token may be escaped: a login has it in a text in a text, and an
// error has that in a text in a text.
const nesting = 6

// forms yields a secret as it is, and as it is written in messages within messages.
func forms(secret string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for range nesting {
			if !yield(secret) {
				return
			}
			escaped := inMessage(secret)
			if escaped == secret {
				return
			}
			secret = escaped
		}
	}
}

// inMessage returns a text as it is written between quotes in a message.
func inMessage(text string) string {
	body := string(wire.LoginInfo{Token: wire.Some(text)}.Append(nil))
	body = strings.TrimPrefix(body, `{"loginToken":"`)
	return strings.TrimSuffix(body, `","firstLoginTime":0}`)
}

// Text returns a text with its secrets hidden.
func (r *Redactor) Text(text string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.heads) == 0 {
		return text
	}
	var b strings.Builder
	kept := 0
	for i := 0; i+headLength <= len(text); {
		length := 0
		for _, secret := range r.heads[text[i:i+headLength]] {
			length = max(length, common(secret, text[i:]))
		}
		if length == 0 {
			i++
			continue
		}
		b.WriteString(text[kept:i])
		b.WriteString(Hidden)
		i += length
		kept = i
	}
	if kept == 0 {
		return text
	}
	return strings.ToValidUTF8(b.String()+text[kept:], "")
}

// common returns how many bytes two texts have in common at their beginning.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// Message is Text for what was sent or received: in a login token and extra are hidden
// however short they are.
func (r *Redactor) Message(body []byte) []byte {
	r.mu.RLock()
	known := len(r.tokens) > 0
	r.mu.RUnlock()
	if !known {
		return body
	}
	if m, err := wire.Decode(body); err == nil && m.Type == wire.TypeLogin && m.DataContent.Present() {
		if info, err := wire.ParseLoginInfo(m.DataContent.Value()); err == nil {
			info.Token, info.Extra = r.member(info.Token), r.member(info.Extra)
			m.DataContent = wire.Some(string(info.Append(nil)))
			body = m.Append(nil)
		}
	}
	return []byte(r.Text(string(body)))
}

// member hides a token or an extra that is secret.
func (r *Redactor) member(t wire.Text) wire.Text {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.tokens[t.Value()] {
		return wire.Some(Hidden)
	}
	return t
}
