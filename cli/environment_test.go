package cli

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// readWith returns the flags of a verb after its arguments and its environment were read.
func readWith(t *testing.T, v verb, variables environment, args ...string) (*app, *pflag.FlagSet) {
	t.Helper()
	var complaint strings.Builder
	a := &app{out: io.Discard, err: &complaint, environment: variables}
	flags := v.flags()
	if code, done := a.parse(flags, args, v.usage, true); done {
		t.Fatalf("%s %q with %q: exit code %d, %s", v.name, args, variables, code, complaint.String())
	}
	return a, flags
}

// TestEveryVariable holds that the variable of every flag of every verb does what the flag
// does, that the flag comes before it, and that one without a value does nothing.
func TestEveryVariable(t *testing.T) {
	program().each(func(v verb) {
		v.flags().VisitAll(func(flag *pflag.Flag) {
			name, value := variableOf(flag.Name), exampleValue(flag)
			as := "--" + flag.Name + "=" + value
			_, want := readWith(t, v, nil, as)
			a, got := readWith(t, v, environment{"PATH=/bin", name + "=" + value})
			if !got.Changed(flag.Name) || got.Lookup(flag.Name).Value.String() != want.Lookup(flag.Name).Value.String() {
				t.Errorf("%s: %s is %s, and the flag %s", v.name, name, got.Lookup(flag.Name).Value, want.Lookup(flag.Name).Value)
			}
			command := slices.Concat([]string{"imcheck"}, strings.Fields(v.name), shownArguments([]string{as}))
			if !slices.Equal(a.command, command) {
				t.Errorf("%s: the command is %q, want %q", name, a.command, command)
			}
			a, given := readWith(t, v, environment{name + "=nonsense"}, as)
			if given.Lookup(flag.Name).Value.String() != want.Lookup(flag.Name).Value.String() || !slices.Equal(a.command, command) {
				t.Errorf("%s: %s counts before the flag", v.name, name)
			}
			if _, blank := readWith(t, v, environment{name + "= \n"}); blank.Changed(flag.Name) {
				t.Errorf("%s: a blank %s counts", v.name, name)
			}
		})
	})
}

// A repeatable flag has a value on each line; commas separate where they do on the command
// line.
func TestVariablesWithSeveralValues(t *testing.T) {
	v, _ := program().below("conform")
	_, flags := readWith(t, v, environment{"IMCHECK_CASE=login/*\r\n\n qos/* \n", "IMCHECK_SENSE_MODES=3S,5S\n10S\n", "IMCHECK_IMPAIR=udp: drop=5%, seed=7"})
	for flag, want := range map[string]string{"case": "[login/*,qos/*]", "sense-modes": "[3S,5S,10S]", "impair": `["udp: drop=5%, seed=7"]`} {
		if got := flags.Lookup(flag).Value.String(); got != want {
			t.Errorf("--%s is %s, want %s", flag, got, want)
		}
	}
}

// Secrets of a variable are shown no more than those of its flag.
func TestVariablesHideSecrets(t *testing.T) {
	v, _ := program().below("load")
	a, _ := readWith(t, v, environment{"IMCHECK_WS=ws://127.0.0.1:1/?token=s3cret", "IMCHECK_WS_HEADER=Authorization: s3cret\nCookie: s3cret"})
	command := strings.Join(a.command, " ")
	if strings.Contains(command, "s3cret") || strings.Count(command, "--ws-header=") != 2 {
		t.Errorf("the command is %s", command)
	}
}

func TestUnknownVariables(t *testing.T) {
	for _, test := range []struct {
		variables environment
		args      []string
		want      string // "" for no warning
	}{
		{environment{"IMCHECK_SENS_MODE=3S"}, nil, "imcheck: warning: no flag has the environment variable IMCHECK_SENS_MODE: did you mean IMCHECK_SENSE_MODE?\n"},
		{environment{"IMCHECK_FROBNICATE=s3cret"}, nil, "imcheck: warning: no flag has the environment variable IMCHECK_FROBNICATE: imcheck help environment lists them\n"},
		{environment{"IMCHECK_MAX_DRIFT=1s"}, nil, ""}, // of another verb
		{environment{"IMCHECK_TOKEN=s3cret"}, nil, ""},
		{environment{"IMCHECK_SENS_MODE="}, nil, ""},
		{environment{"IMCHECK_MY_KEY=s3cret"}, []string{"--ws-header", "Authorization: ${IMCHECK_MY_KEY}"}, ""},
	} {
		var complaint strings.Builder
		a := &app{err: &complaint, environment: test.variables}
		v, _ := program().below("load")
		if code, done := a.parse(v.flags(), test.args, "", false); done || complaint.String() != test.want {
			t.Errorf("%q: %d, %s", test.variables, code, complaint.String())
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"environment", "exit-codes", "users", "udp"}
	for word, want := range map[string]string{
		"environment": "environment", "enviroment": "environment", "envirnomnt": "environment", "exitcodes": "exit-codes", "user": "users",
		"users2": "users", "ud": "udp", "tcp": "", "": "", "x": "", "environs": "",
	} {
		if got := nearest(word, known); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

// A mistake names the variables that it is about.
func TestFromVariables(t *testing.T) {
	a := &app{fromEnvironment: []string{"out", "tls", "tls-ca"}}
	for complaint, want := range map[string]string{
		"--out: no":                       " (from the environment: --out is IMCHECK_OUT)",
		"--tls-ca and --out=x: no":        " (from the environment: --out is IMCHECK_OUT, --tls-ca is IMCHECK_TLS_CA)",
		"nonsense":                        " (from the environment: IMCHECK_OUT, IMCHECK_TLS, IMCHECK_TLS_CA)",
		"--outer":                         " (from the environment: IMCHECK_OUT, IMCHECK_TLS, IMCHECK_TLS_CA)",
		"the variable IMCHECK_RATE: nope": "",
	} {
		if got := a.fromVariables(complaint); got != want {
			t.Errorf("%q: got %q, want %q", complaint, got, want)
		}
	}
	if got := new(app).fromVariables("--out: no"); got != "" {
		t.Errorf("without variables: %q", got)
	}
}
