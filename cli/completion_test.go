package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"imcheck/conformance/servercases"
	"imcheck/harness/transport/impair"
	"imcheck/reports/verdict"
)

// freeTexts are the flags whose value is a text that nobody can know.
var freeTexts = []string{
	"bridge-amqp", "bridge-consume", "bridge-publish", "control", "exec", "export-label", "listen-http", "listen-tcp", "listen-udp", "listen-ws", "metrics", "otlp", "otlp-header", "remote-write", "remote-write-header", "shard", "source-ip", "start-at", "target-metrics", "tcp", "tls-server-name", "udp", "ui", "ws", "ws-header", "ws-subprotocol",
}

// Every flag whose value is a text has values or files to offer, or is known to be free.
func TestEveryFlagCompletes(t *testing.T) {
	used := map[string]bool{}
	program().each(func(v verb) {
		v.flags().VisitAll(func(flag *pflag.Flag) {
			values, directive := valuesOf(v.name, flag)("")
			offers := len(values) > 0 || directive&(cobra.ShellCompDirectiveFilterDirs|cobra.ShellCompDirectiveFilterFileExt) != 0
			used[flag.Name], used[v.name+" "+flag.Name] = true, true
			switch flag.Value.Type() {
			case "string", "stringArray", "stringSlice":
				if free := slices.Contains(freeTexts, flag.Name); offers == free {
					t.Errorf("%s --%s: offers values: %t, is free: %t", v.name, flag.Name, offers, free)
				}
			case "bool":
				if !offers {
					t.Errorf("%s --%s offers nothing", v.name, flag.Name)
				}
			default:
				if offers {
					t.Errorf("%s --%s offers %q", v.name, flag.Name, values)
				}
			}
		})
	})
	for name := range flagValues() {
		if !used[name] {
			t.Errorf("no flag %s has the completer", name)
		}
	}
}

// completed returns the values that __complete offers, without descriptions, and the number
// of its directive.
func completed(t *testing.T, args ...string) (values []string, directive string) {
	t.Helper()
	code, out := printed(t, append([]string{cobra.ShellCompRequestCmd}, args...)...)
	if code != exitGood {
		t.Fatalf("%q: exit code %d", args, code)
	}
	for line := range strings.Lines(out) {
		value, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if number, last := strings.CutPrefix(value, ":"); last {
			return values, number
		}
		values = append(values, value)
	}
	t.Fatalf("%q: no directive in %s", args, out)
	return nil, ""
}

func TestCompletions(t *testing.T) {
	tests := []struct {
		args      string // separated by blanks; one at the end is before an empty word
		want      string
		directive string
	}{
		{"", "completion conform drive explore help load proxy report serve talk version", "4"},
		{"con", "conform", "4"},
		{"report ", "diff html index matrix merge", "4"},
		{"report diff ", "", "16"},
		{"help sense", "sense-modes", "4"},
		{"help report m", "matrix merge", "4"},
		{"help users ", "", "4"},
		{"completion ", "bash zsh fish powershell", "4"},
		{"conform ", "", "4"},
		{"conform --tls-s", "--tls-server-name", "4"},
		{"conform --case heartbeat/ex --filter", "--filter", "4"},
		{"serve --fault ws-pong-", "ws-pong-altered", "4"},
		{"serve --variant datagrams-l", "datagrams-lost datagrams-late", "4"},
		{"load --scenario ", "steady idle chat fanout push storm churn backlog echo mix", "4"},
		{"load --scenario my-", "yaml yml", "8"},
		{"load --transport=udp,", "udp,tcp udp,ws", "4"},
		{"load --sense-mode ", "3S 5S 10S 15S 30S 60S 120S udp= tcp= ws=", "6"},
		{"load --sense-mode tcp=5S,udp=1", "tcp=5S,udp=10S tcp=5S,udp=120S", "4"},
		{"load --sense-mode tcp=5S,", "tcp=5S,udp= tcp=5S,ws=", "6"},
		{"conform --sense-modes 3S,1", "3S,10S 3S,15S 3S,120S", "4"},
		{"conform --sense-modes a", "all", "4"},
		{"conform --filter heartbeat&&!t", "heartbeat&&!tcp", "6"},
		{"explore --filter kick,c2", "kick,c2s kick,c2c", "4"},
		{"conform --tls=", "tcp ws", "4"},
		{"conform --strict=", "true false", "4"},
		{"conform --impair udp:d", "udp:drop= udp:duplicate= udp:delay=", "6"},
		{"load --largest-message tcp=61440,", "tcp=61440,udp= tcp=61440,ws=", "6"},
		{"load --threshold abort:echo.p9", "abort:echo.p99 abort:echo.p99.9", "6"},
		{"conform --protocol 6.1", "6.1.1 6.1.2", "4"},
		{"conform --profile ", "yaml yml", "8"},
		{"conform --users ", "csv jsonl ndjson json", "8"},
		{"conform --tls-ca ", "pem crt cer", "8"},
		{"conform --out ", "", "16"},
		{"load --clients ", "", "4"},
	}
	for _, test := range tests {
		values, directive := completed(t, strings.Split(test.args, " ")...)
		if got := strings.Join(values, " "); got != test.want || directive != test.directive {
			t.Errorf("%q: got %s, directive %s; want %s, %s", test.args, got, directive, test.want, test.directive)
		}
	}
}

// Every case is offered, and what is offered of grammars can be read.
func TestCompletionsAreValid(t *testing.T) {
	ids, _ := completed(t, "conform", "--case", "")
	for _, c := range servercases.All() {
		if !slices.Contains(ids, c.ID) || !slices.Contains(ids, c.Area()+"/*") {
			t.Errorf("%s, or its area, is not offered", c.ID)
		}
	}
	figures, _ := figureNames("")
	for _, figure := range figures {
		var err error
		for _, bound := range []string{"<1", "<1s", "<1MB", "<1%/h", "<1pp/h", "<1/s"} {
			if _, err = verdict.ParseThreshold(figure + bound); err == nil {
				break
			}
		}
		if err != nil {
			t.Error(err)
		}
	}
	for key, value := range map[string]string{"drop=": "5%", "duplicate=": "5%", "reorder=": "5%", "delay=": "50ms", "jitter=": "5ms, delay=9ms", "stall=": "1s/10s", "seed=": "7, delay=9ms"} {
		if _, _, err := impair.Parse([]string{key + value}); err != nil || !slices.Contains(impairmentKeys, key) {
			t.Errorf("%s: %v; offered are %q", key, err, impairmentKeys)
		}
	}
}
