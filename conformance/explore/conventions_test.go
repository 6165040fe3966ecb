package explore

import (
	"strings"
	"testing"

	"imcheck/harness/target"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// A conversation means the same for targets with other conventions: what is refused,
// vetoed and stored is so by the target's own tokens and prefixes, and the model agrees.
func TestConventionsOfTheTarget(t *testing.T) {
	declared := target.Conventions{
		AcceptedToken: "good", RefusedTokens: []target.RefusedToken{{Token: "bad", Code: 7}, {Token: "worse", Code: 1025}},
		OfflinePrefix: "keep-", VetoPrefix: "stop!",
	}
	conversation := Conversation{
		{Do: Open, On: "udp"}, {Do: Login, Code: 1025}, {Do: Login, Code: 2001}, {Do: Login},
		{Do: Data, To: ToServer, Text: "veto: this", QoS: true, No: 1}, {Do: Data, To: 2, Text: "keep it", QoS: true, No: 2}, {Do: Data, To: 1, Text: "keep it", QoS: true, No: 3},
	}
	for _, test := range []struct {
		conventions target.Conventions
		tokens      string
		codes       []string
	}{
		{target.Conventions{}, "code:1025 code:2001 t", []string{"1025", "2001"}},
		{declared, "worse bad good", []string{"1025", "7"}},
	} {
		script, m := newScript(cast{"n", true, test.conventions}), newModel(timing.DefaultModes(), applicationOf(test.conventions), false, choice{}, nil)
		var tokens []string
		for _, s := range conversation {
			done, ok := script.write(s, wire.UDP)
			if !ok {
				t.Fatalf("%s sends nothing", s)
			}
			if s.Do == Login {
				tokens = append(tokens, done.token)
			}
			m.play(&done)
		}
		var seen strings.Builder
		for _, o := range m.out {
			seen.WriteString(o.String() + "\n")
		}
		text := seen.String()
		if got := strings.Join(tokens, " "); got != test.tokens {
			t.Errorf("tokens %q, want %q", got, test.tokens)
		}
		for _, code := range test.codes {
			if !strings.Contains(text, "verify code="+code+" ") {
				t.Errorf("no verdict %s in\n%s", code, text)
			}
		}
		if strings.Contains(text, "m1-n") || !strings.Contains(text, `offline code=1 fp="m2-n"`) || !strings.Contains(text, `offline code=0 fp="m3-n"`) {
			t.Errorf("vetoed, stored and lost messages are\n%s", text)
		}
	}
}
