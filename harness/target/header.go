package target

import (
	"fmt"
	"os"
	"regexp"

	"imcheck/harness/transport"
)

var variable = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*\}`)

// ReadHeader reads "Name: value". ${NAME} in it is the value of an environment variable, so
// that a secret is on no command line and in no file. Errors do not quote the value.
func ReadHeader(text string) (transport.HeaderField, error) {
	var missing string
	expanded := variable.ReplaceAllStringFunc(text, func(found string) string {
		value, ok := os.LookupEnv(found[2 : len(found)-1])
		if !ok || value == "" {
			missing = found[2 : len(found)-1]
		}
		return value
	})
	if missing != "" {
		return transport.HeaderField{}, fmt.Errorf("the environment variable %s is not set: set it, or write the value of the header itself", missing)
	}
	return transport.ParseHeaderField(expanded)
}
