package cli

import (
	"regexp"
	"slices"
	"strings"

	"imcheck/harness/broker/rabbitmq"
	"imcheck/harness/target"
)

// shownValues have what is shown of the values of flags that may be secret.
var shownValues = map[string]func(string) string{
	"--ws-header": shownHeader, "--otlp-header": shownHeader, "--remote-write-header": shownHeader,
	"--ws": target.ShownAddress, "--otlp": target.ShownAddress, "--remote-write": target.ShownAddress, "--bridge-amqp": shownBroker,
}

// shownArguments returns arguments as a report may show them: without the values of
// headers, and without what may be secret in a URL, the user of a broker included.
func shownArguments(args []string) []string {
	shown := slices.Clone(args)
	for i, arg := range shown {
		name, value, joined := strings.Cut(arg, "=")
		show := shownValues[name]
		switch {
		case show == nil:
		case joined:
			shown[i] = name + "=" + show(value)
		case i+1 < len(shown):
			shown[i+1] = show(shown[i+1])
		}
	}
	return shown
}

// shownBroker returns the URL of a broker as a report may show it.
func shownBroker(text string) string {
	b, err := rabbitmq.Parse(text)
	if err != nil {
		return "…"
	}
	return b.String()
}

// openHeaders are those whose values are no secret.
var openHeaders = []string{"host", "origin", "user-agent"}

// openValue is the value of a header that is an environment variable but for the name of
// a scheme, such as "Bearer ${TOKEN}".
var openValue = regexp.MustCompile(`^\s*([A-Za-z]{1,10}\s+)?\$\{\w+\}\s*$`)

// shownHeader returns a header as a report may show it.
func shownHeader(text string) string {
	name, value, found := strings.Cut(text, ":")
	switch {
	case !found:
		return "…"
	case openValue.MatchString(value), slices.Contains(openHeaders, strings.ToLower(strings.TrimSpace(name))):
		return text
	}
	return name + ": …"
}
