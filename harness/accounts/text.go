package accounts

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// values has the values of placeholders for one account.
type values struct {
	n                        int
	id, transport, hmac, jwt string
}

func (v values) of(name string) string {
	switch name {
	case "id":
		return v.id
	case "transport":
		return v.transport
	case "hmac":
		return v.hmac
	case "jwt":
		return v.jwt
	}
	return strconv.Itoa(v.n)
}

// text is a text with placeholders. Parts that are not one stay as they are, braces too.
type text []piece

type piece struct {
	literal string
	name    string // of a placeholder; "" for a literal
	width   int    // of a number, which zeros before it fill
}

var (
	placeholder = regexp.MustCompile(`\{([a-z]+)(:[^{}]*)?\}`)
	numberForm  = regexp.MustCompile(`^:0?([0-9]{1,2})d$`)
)

// parseText reads a text in which only some placeholders are known.
func parseText(written string, known []string) (all text, err error) {
	for written != "" {
		at := placeholder.FindStringSubmatchIndex(written)
		if at == nil {
			return append(all, piece{literal: written}), nil
		}
		if at[0] > 0 {
			all = append(all, piece{literal: written[:at[0]]})
		}
		found := piece{name: written[at[2]:at[3]]}
		if !slices.Contains(known, found.name) {
			return nil, fmt.Errorf("{%s} is not known here: use %s", found.name, "{"+strings.Join(known, "}, {")+"}")
		}
		if at[4] >= 0 {
			form := numberForm.FindStringSubmatch(written[at[4]:at[5]])
			if form == nil || found.name != "n" {
				return nil, fmt.Errorf("%s has a form that is not known: only a number has one, such as {n:06d}", written[at[0]:at[1]])
			}
			found.width, _ = strconv.Atoi(form[1]) // digits, as the pattern says
		}
		all = append(all, found)
		written = written[at[1]:]
	}
	return all, nil
}

func (t text) has(name string) bool {
	return slices.ContainsFunc(t, func(p piece) bool { return p.name == name })
}

func (t text) fill(v values) string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.name == "":
			b.WriteString(p.literal)
		case p.width > 0:
			fmt.Fprintf(&b, "%0*d", p.width, v.n)
		default:
			b.WriteString(v.of(p.name))
		}
	}
	return b.String()
}

// parseClaims returns claims in which texts with placeholders are parsed.
func parseClaims(claims any, known []string) (any, error) {
	switch c := claims.(type) {
	case string:
		return parseText(c, known)
	case []any:
		parsed := make([]any, len(c))
		for i := range c {
			var err error
			if parsed[i], err = parseClaims(c[i], known); err != nil {
				return nil, err
			}
		}
		return parsed, nil
	case map[string]any:
		parsed := map[string]any{}
		for name := range c {
			var err error
			if parsed[name], err = parseClaims(c[name], known); err != nil {
				return nil, err
			}
		}
		return parsed, nil
	case bool, int, float64:
		return c, nil
	}
	return nil, fmt.Errorf("%v is neither a text, a number, true or false, a list nor a mapping", claims)
}

// fillClaims returns claims with the values of one account.
func fillClaims(claims any, v values) any {
	switch c := claims.(type) {
	case text:
		return c.fill(v)
	case []any:
		filled := make([]any, len(c))
		for i := range c {
			filled[i] = fillClaims(c[i], v)
		}
		return filled
	case map[string]any:
		filled := map[string]any{}
		for name := range c {
			filled[name] = fillClaims(c[name], v)
		}
		return filled
	}
	return claims
}

// claimsHave reports whether a text of the claims has a placeholder.
func claimsHave(claims any, name string) bool {
	switch c := claims.(type) {
	case text:
		return c.has(name)
	case []any:
		return slices.ContainsFunc(c, func(one any) bool { return claimsHave(one, name) })
	case map[string]any:
		for key := range c {
			if claimsHave(c[key], name) {
				return true
			}
		}
	}
	return false
}
