package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"imcheck/conformance/suite"
	"imcheck/protocol/versions"
)

// versionFlag says by which version of the protocol a target is judged.
type versionFlag struct{ text string }

func (f *versionFlag) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.text, "protocol", "", "`VERSION` of the protocol that the target is judged by: rules of a newer one do not apply (default: that of its profile, else "+string(suite.ProtocolVersion)+", the newest)")
}

// chooseVersion takes the version of the flag, else that of the profile. An error is the
// user's.
func (f *conformFlags) chooseVersion() (err error) {
	if f.target.profile != nil {
		f.selection.Protocol = f.target.profile.Protocol
	}
	if f.version.text != "" {
		if f.selection.Protocol, err = versions.Parse(f.version.text); err != nil {
			return fmt.Errorf("--protocol: %w", err)
		}
	}
	return nil
}

// arguments returns the flag for a command to copy.
func (f *versionFlag) arguments() []string {
	if f.text == "" {
		return nil
	}
	return []string{"--protocol", f.text}
}

// noneSelected says why there is nothing to run. of names what the transports are of.
func noneSelected(skipped []suite.Skipped, of string) error {
	var since versions.Version
	for _, s := range skipped {
		if s.Omission != suite.TooNew {
			since = ""
			break
		}
		if first := s.Since(); since == "" || first.Before(since) {
			since = first
		}
	}
	if since != "" {
		return fmt.Errorf("no case applies to the version that the %s is judged by: those selected need --protocol %s", of, since)
	}
	return errors.New("no case is selected on the transports of this " + of + ": --list shows what there is")
}
