package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"imcheck/harness/strictyaml"
)

// notInConfig are the flags of serve that a configuration file cannot have: they name it, or
// print something in place of serving.
var notInConfig = []string{"config", "example-config", "list-faults", "list-variants"}

// readConfig sets the flags that neither the arguments nor the environment give from a
// configuration file, whose keys are their names.
func readConfig(flags *pflag.FlagSet, path string) error {
	text, err := strictyaml.ReadFile(path, "the configuration")
	if err != nil {
		return err
	}
	known := configKeys(flags)
	var values map[string]yaml.Node
	r, err := strictyaml.Read(path, text, &values, "")
	if err != nil {
		return err
	}
	if r.Root == nil {
		return nil
	}
	r.RejectEmpty()
	for i := 0; i+1 < len(r.Root.Content); i += 2 {
		key, value := r.Root.Content[i], r.Root.Content[i+1]
		if !slices.Contains(known, key.Value) {
			r.RejectLine(key.Line, unknownConfigKey(key.Value, known))
			continue
		}
		flag := flags.Lookup(key.Value)
		if flag.Changed || r.Err() != nil {
			continue
		}
		if err := setFromConfig(flags, flag, value); err != nil {
			r.Reject(err, key.Value)
		}
	}
	return r.Err()
}

// configKeys lists the flags that a configuration file may have.
func configKeys(flags *pflag.FlagSet) (known []string) {
	flags.VisitAll(func(flag *pflag.Flag) {
		if !slices.Contains(notInConfig, flag.Name) {
			known = append(known, flag.Name)
		}
	})
	return known
}

func unknownConfigKey(key string, known []string) string {
	if near := nearest(key, known); near != "" {
		return fmt.Sprintf("unknown key %q: did you mean %s?", key, near)
	}
	return fmt.Sprintf("unknown key %q: the keys are the flags of serve; imcheck serve --example-config explains them", key)
}

// setFromConfig sets a flag to a value: a list for one that is repeatable, else a scalar.
func setFromConfig(flags *pflag.FlagSet, flag *pflag.Flag, value *yaml.Node) error {
	values := []*yaml.Node{value}
	if repeatable(flag) && value.Kind == yaml.SequenceNode {
		values = value.Content
	}
	for _, one := range values {
		if one.Kind != yaml.ScalarNode {
			if repeatable(flag) {
				return errors.New("this has to be a text, or a list of texts")
			}
			return errors.New("this has to be one value")
		}
		if err := flags.Set(flag.Name, one.Value); err != nil {
			if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
				err = invalid.Unwrap() // without the name of a flag that nobody wrote
			}
			return fmt.Errorf("%q: %w", one.Value, err)
		}
	}
	return nil
}

// configSamples are values of flags that have no default to show.
var configSamples = map[string]string{
	"udp": defaultAddresses[0], "tcp": defaultAddresses[1], "ws": defaultAddresses[2], "control": defaultControl,
	"sense-mode": "udp=3S,tcp=15S,ws=15S", "largest-message": "tcp=61440,ws=65536",
	"tls-cert": "server.pem", "tls-key": "server-key.pem", "users": "users.csv",
	"bridge-amqp": "amqp://user:password@127.0.0.1:5672", "fault": "[heartbeat-answer-missing]",
	"variant": "[answers-late]", "variant-seed": "7", "max-connections-per-second": "100", "max-logins-per-second": "50", "max-messages-per-second": "1000",
}

// exampleConfig returns a configuration file in which every key is explained, and none is set.
func exampleConfig(string) ([]byte, error) {
	flags := newFlags("serve")
	new(serveFlags).register(flags)
	text := []byte(`# A configuration of imcheck serve: imcheck serve --config FILE. The keys are the names of
# its flags. A flag on the command line wins over the environment, and that over this file.
`)
	for _, key := range configKeys(flags) {
		flag := flags.Lookup(key)
		value := flag.DefValue
		if sample := configSamples[key]; sample != "" {
			value = sample
		}
		_, usage := pflag.UnquoteUsage(flag)
		text = fmt.Appendf(text, "\n%s#%s: %s\n", commented(usage), key, value)
	}
	return text, nil
}

// configWidth is the most characters in a line of a comment.
const configWidth = 90

// commented returns a text as lines of comment.
func commented(text string) string {
	var lines strings.Builder
	line := "#"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > configWidth {
			lines.WriteString(line + "\n")
			line = "#"
		}
		line += " " + word
	}
	return lines.String() + line + "\n"
}
