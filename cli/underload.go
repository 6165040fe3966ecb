package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"imcheck/harness/strictyaml"
	"imcheck/harness/target"
	"imcheck/loadgen/options"
	"imcheck/loadgen/scenario"
	"imcheck/loadgen/swarm"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// underLoadFlags say under which load the cases of conform are run again.
type underLoadFlags struct {
	scenario   string // name or file; "" for a run without load
	rates      []float64
	clients    []int
	transports []string

	described *scenario.Described
	axis      reports.LoadAxis
	levels    []float64 // increasing, without the one that has no load
	kinds     []wire.Transport
	running   float64 // level that is under way; 0 for none, and without load
}

func (f *underLoadFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.scenario, "under-load", "", "run the cases without load, and again while a swarm keeps the server busy, at one level of load after the other: `SCENARIO` is what --scenario of load takes")
	flags.Float64SliceVar(&f.rates, "load-rates", nil, "with --under-load: `RATES` in messages a second are the levels (default: 200,500,1000,2000)")
	flags.Lookup("load-rates").DefValue = "" // so that help does not show an empty list
	flags.IntSliceVar(&f.clients, "load-clients", nil, "with --under-load: `NUMBERS` of clients are the levels (default for a scenario without a rate: 100,500,1000); or one number of clients beside --load-rates")
	flags.StringSliceVar(&f.transports, "load-transport", nil, "with --under-load: what the swarm uses, such as tcp (default: all that the target serves)")
}

// Levels without --load-rates and --load-clients.
var (
	defaultRates   = []float64{200, 500, 1000, 2000}
	defaultClients = []float64{100, 500, 1000}
)

// maxLevels bounds the levels: each takes as long as the whole run without load.
const maxLevels = 20

// plan reads the scenario and works out the levels. An error is the user's.
func (f *underLoadFlags) plan(of *conformFlags) (err error) {
	if err := f.checkTogether(of); err != nil || f.scenario == "" {
		return err
	}
	if f.described, err = scenario.Find(f.scenario); err != nil {
		return f.inFlags(err)
	}
	if err := f.chooseLevels(); err != nil {
		return err
	}
	for _, name := range f.transports {
		kind, err := wire.ParseTransport(strings.TrimSpace(name))
		if err != nil {
			return fmt.Errorf("--load-transport: %w", err)
		}
		f.kinds = append(f.kinds, kind)
	}
	return nil
}

// checkTogether refuses flags that do not go together.
func (f *underLoadFlags) checkTogether(of *conformFlags) error {
	if f.scenario == "" {
		for _, name := range []string{"under-load", "load-rates", "load-clients", "load-transport"} {
			if of.target.given.Changed(name) {
				return fmt.Errorf("--%s: it has an effect with --under-load SCENARIO only", name)
			}
		}
		return nil
	}
	switch {
	case of.senseModes != nil:
		return errors.New("--under-load and --sense-modes exclude each other: run the cases under load in one sense mode")
	case of.list:
		return errors.New("--list runs nothing: leave --under-load out")
	}
	return nil
}

// chooseLevels works out the levels, and on which axis they are.
func (f *underLoadFlags) chooseLevels() error {
	hasRate := options.Uses(f.described.Uses(), options.Rate)
	flag := "--load-rates"
	switch {
	case len(f.rates) > 0 && !hasRate:
		return fmt.Errorf("--load-rates: the scenario %s has no rate: use --load-clients", f.described.Name())
	case len(f.rates) > 0 && len(f.clients) > 1:
		return errors.New("--load-clients: its numbers are levels, and so are those of --load-rates: give one number of clients, or leave one of the flags out")
	case len(f.rates) > 0:
		f.axis, f.levels = reports.LoadByRate, f.rates
	case len(f.clients) > 0:
		flag, f.axis = "--load-clients", reports.LoadByClients
		for _, n := range f.clients {
			f.levels = append(f.levels, float64(n))
		}
	case hasRate:
		f.axis, f.levels = reports.LoadByRate, defaultRates
	default:
		f.axis, f.levels = reports.LoadByClients, defaultClients
	}
	if len(f.levels) > 1 && f.levels[0] == 0 {
		f.levels = f.levels[1:] // the run without load comes first anyway
	}
	if len(f.levels) > maxLevels {
		return fmt.Errorf("%s: %d levels are more than %d: each takes as long as the run without load", flag, len(f.levels), maxLevels)
	}
	for i, level := range f.levels {
		if !(level > 0) || i > 0 && level <= f.levels[i-1] {
			return fmt.Errorf("%s %s: name levels over 0 that increase, such as 200,500,1000; the run without load comes first anyway", flag, listed(f.levels))
		}
	}
	return nil
}

// exactly writes a level with all its digits.
func exactly(level float64) string { return strconv.FormatFloat(level, 'f', -1, 64) }

// listed writes levels as a flag has them.
func listed(levels []float64) string {
	texts := make([]string, len(levels))
	for i, level := range levels {
		texts[i] = exactly(level)
	}
	return strings.Join(texts, ",")
}

// config describes the swarm of a level, which ends after a time at the latest.
func (f *underLoadFlags) config(t *target.Target, level float64, most time.Duration) swarm.Config {
	c := swarm.Config{Options: f.described.Options, Target: t, Transports: f.kinds, Thresholds: f.described.Thresholds}
	if c.Transports == nil {
		c.Transports = t.Transports()
	}
	c.Duration = most
	if f.axis == reports.LoadByClients {
		c.Clients = int(level)
		return c
	}
	c.Rate = level
	if len(f.clients) == 1 {
		c.Clients = f.clients[0]
	}
	return c
}

// longestSwarm bounds the part of a swarm that counts.
const longestSwarm = 24 * time.Hour

// check refuses levels that no swarm can have on a target. An error is the user's.
func (f *underLoadFlags) check(t *target.Target) error {
	for _, level := range f.levels {
		if err := f.config(t, level, longestSwarm).Check(); err != nil {
			return f.inFlags(f.described.Locate(err, f.given))
		}
	}
	return nil
}

// given reports whether an option of a load is set by a flag.
func (f *underLoadFlags) given(option string) bool {
	return option == options.Rate && f.axis == reports.LoadByRate ||
		option == clientsOption && (f.axis == reports.LoadByClients || len(f.clients) > 0) ||
		option == options.Transports && f.kinds != nil
}

// clientsOption is the key of the number of clients.
const clientsOption = "clients"

// inFlags turns an error about an option of a load into one that names the flag of conform,
// unless it names the line of a file.
func (f *underLoadFlags) inFlags(err error) error {
	if _, inFile := errors.AsType[*strictyaml.FileError](err); inFile {
		return fmt.Errorf("--under-load: %w", err)
	}
	refused, ok := errors.AsType[*options.Error](err)
	if !ok {
		return fmt.Errorf("--under-load: %w", err)
	}
	flag := map[string]string{options.Rate: "--load-rates", clientsOption: "--load-clients", options.Transports: "--load-transport", options.Users: "--users"}[refused.Option]
	if flag == "" {
		return fmt.Errorf("--under-load %s: %s: %s", f.scenario, refused.Option, refused.Reason)
	}
	return fmt.Errorf("%s: %s", flag, refused.Reason)
}

// arguments returns the flags that repeat one level, for a command to copy.
func (f *underLoadFlags) arguments(level float64) (args []string) {
	args = append(args, "--under-load", f.scenario)
	if f.axis == reports.LoadByRate {
		args = append(args, "--load-rates", exactly(level))
		if len(f.clients) == 1 {
			args = append(args, "--load-clients", fmt.Sprint(f.clients[0]))
		}
	} else {
		args = append(args, "--load-clients", exactly(level))
	}
	if f.transports != nil {
		args = append(args, "--load-transport", strings.Join(f.transports, ","))
	}
	return args
}

// levelWords lists the levels for the announcement of a run.
func (f *underLoadFlags) levelWords() string {
	unit := " messages/s"
	if f.axis == reports.LoadByClients {
		unit = " clients"
	}
	return strings.ReplaceAll(listed(f.levels), ",", ", ") + unit
}

// folderOf returns the name of the folder of a level.
func folderOf(level float64) string { return "load-" + exactly(level) }

// isLevelFolder reports whether a name is that of the folder of a level.
func isLevelFolder(name string) bool {
	digits, found := strings.CutPrefix(name, "load-")
	return found && digits != "" && !slices.ContainsFunc([]rune(digits), func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
}
