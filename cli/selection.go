package cli

import (
	"errors"
	"fmt"

	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
)

// selectCases lists the items that the flags ask for, and says of those that are not run
// which flag is the reason.
func (f *conformFlags) selectCases(catalogue []suite.Case, served []wire.Transport) (selected []suite.Item, skipped []suite.Skipped, err error) {
	selected, skipped, err = f.selection.Select(catalogue, served)
	for i := range skipped {
		switch s := &skipped[i]; s.Omission {
		case suite.LeftOut:
			s.Reason += " with --skip"
		case suite.TooLong:
			s.Reason += ": --long, or its name after --case, runs it"
		case suite.TooNew:
			s.Reason += fmt.Sprintf(", and the target is judged by %s", f.selection.Protocol)
		}
	}
	return selected, skipped, inSelectionFlags(err)
}

// inSelectionFlags names the flags that a mistake in a selection is in, or that help.
func inSelectionFlags(err error) error {
	mistake, ok := errors.AsType[*suite.SelectionError](err)
	switch {
	case !ok:
		return err
	case mistake.Glob != "":
		return fmt.Errorf("%q matches no case: --list shows them all", mistake.Glob)
	case mistake.Label != "":
		return fmt.Errorf("--filter %q: no case has the label %q: use areas, levels, transports and needs-CAPABILITY, which --list shows", mistake.Filter, mistake.Label)
	}
	return fmt.Errorf("--filter %q: %s", mistake.Filter, mistake.Reason)
}
