package cli

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"imcheck/harness/drive"
	"imcheck/harness/transport"
)

const driveUsage = `Usage: imcheck drive [flags]

Runs the toolkit's own client as one under test: it reads commands from stdin and
writes events to stdout, one JSON object a line, as docs/contracts.md, part B has it.

  imcheck conform --role client --exec 'imcheck drive'
`

// driveFlags are the flags of drive.
type driveFlags struct {
	faults     []string
	listFaults bool
}

func (f *driveFlags) register(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.faults, "fault", nil, "way in which the client misbehaves (repeatable; --list-faults names them)")
	flags.BoolVar(&f.listFaults, "list-faults", false, "list the faults and exit")
}

// execute runs the driver of the toolkit's own client.
func (f *driveFlags) execute(ctx context.Context, a *app, args []string) int {
	flags := newFlags("drive")
	f.register(flags)
	if code, done := a.parse(flags, args, driveUsage, false); done {
		return code
	}
	if f.listFaults {
		return a.listClientFaults()
	}
	faults, err := drive.Find(f.faults)
	if err != nil {
		return a.misused(fmt.Errorf("drive: --fault: %w", err))
	}
	err = drive.Run(ctx, transport.OS{}, a.in, a.out, drive.Options{Version: version(), Faults: faults})
	if err != nil {
		return a.misused(fmt.Errorf("drive: %w", err))
	}
	return exitGood
}

func (a *app) listClientFaults() int {
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, f := range drive.Faults() {
		fmt.Fprintf(table, "%s\t%s\n", f.Name, f.Does)
	}
	table.Flush()
	return exitGood
}
