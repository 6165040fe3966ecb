package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"imcheck/reference-server/operation"
	"imcheck/reference-server/reference"
)

// Formats of the log of serve.
const (
	logText = "text"
	logJSON = "json"
)

// logLevels are the levels of --log-level, the one that says most first.
var logLevels = []string{"debug", "info", "warn", "error"}

// operationFlags are the flags of serve for who operates it.
type operationFlags struct {
	format, level string
	content       bool
	profile       bool
}

func (f *operationFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.format, "log-format", logText, "`FORMAT` of the log on stderr: text or json")
	flags.StringVar(&f.level, "log-level", "warn", "`LEVEL` of the log: debug has messages and connections, info a line for each login, refused login and end of a session with its cause, warn limits that are reached and a broker that is away, error nothing")
	flags.BoolVar(&f.content, "log-content", false, "put what users write into the log of messages (--log-level debug)")
	flags.BoolVar(&f.profile, "pprof", false, "serve profiles of the program at /debug/pprof/ on the control address")
}

// complete puts the flags into a configuration, but for the log.
func (f *operationFlags) complete(config *reference.Config) error {
	if f.format != logText && f.format != logJSON {
		return fmt.Errorf("--log-format: unknown format %q: use %s or %s", f.format, logText, logJSON)
	}
	level, err := f.minimum()
	switch {
	case err != nil:
		return err
	case f.content && level > operation.LevelMessages:
		return errors.New("--log-content does nothing without --log-level debug")
	case f.profile && config.Control == "":
		return errors.New("--pprof needs the control address: say with --control where to serve it")
	}
	config.LogContent, config.Profile = f.content, f.profile
	return nil
}

// minimum returns the least level that is logged.
func (f *operationFlags) minimum() (level slog.Level, err error) {
	for _, known := range logLevels {
		if f.level == known {
			return level, level.UnmarshalText([]byte(known))
		}
	}
	return 0, fmt.Errorf("--log-level: unknown level %q: use %s", f.level, strings.Join(logLevels, ", "))
}

// logger returns the log, which lines are written to.
func (f *operationFlags) logger(lines *operation.Lines) (*slog.Logger, error) {
	level, err := f.minimum()
	if err != nil {
		return nil, err
	}
	options := &slog.HandlerOptions{Level: level}
	if f.format == logJSON {
		return slog.New(slog.NewJSONHandler(lines, options)), nil
	}
	return slog.New(slog.NewTextHandler(lines, options)), nil
}

// serveLogged runs a server with a log on stderr until the context is done, or a listener fails.
func (f *serveFlags) serveLogged(ctx context.Context, a *app) int {
	lines := operation.NewLines(a.err)
	defer lines.Close()
	log, err := f.operation.logger(lines)
	if err != nil {
		return a.misused(fmt.Errorf("serve: %w", err))
	}
	f.config.Log = log
	if f.config.Bridge != nil {
		f.config.Bridge.Log = func(line string) { log.Warn(line) }
	}
	return a.serveUntilDone(ctx, f.config)
}

// listenAdvice says what to do about an address that cannot be listened on.
func listenAdvice(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return ": another process listens there: end it, or choose another port; 0 picks a free one"
	case errors.Is(err, syscall.EACCES):
		return ": this user may not listen there: choose a port over 1023"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return ": this machine does not have the address: choose one of its own, such as 127.0.0.1"
	}
	return ""
}
