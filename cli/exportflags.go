package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"imcheck/harness/metrics/export"
	"imcheck/harness/transport"
)

// Bounds of --export-interval.
const (
	minExportInterval = time.Second
	maxExportInterval = time.Hour
)

// Values of --export-histograms.
var histogramForms = []string{string(export.Classic), string(export.Native)}

// exportFlags say where the figures of a load are sent.
type exportFlags struct {
	otlp, remoteWrite             string // URLs, "" for none
	otlpHeader, remoteWriteHeader []string
	labels                        []string
	histograms                    string // "" for the usual ones of each protocol
	every                         time.Duration

	// What they come to.
	given  []export.Label
	routes []exportRoute
}

// exportRoute is one receiver, and the flag that names it. Each run that is sent there has a
// protocol of its own, which notes what the receiver understands.
type exportRoute struct {
	flag     string
	protocol func() export.Protocol
	receiver export.Receiver
}

func (f *exportFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.otlp, "otlp", "", "URL of an OpenTelemetry collector to which the figures that --metrics serves are sent by OTLP over HTTP, such as http://127.0.0.1:4318/v1/metrics")
	flags.StringArrayVar(&f.otlpHeader, "otlp-header", nil, `header of these requests, such as "Authorization: Bearer ${TOKEN}" with an environment variable (repeatable)`)
	flags.StringVar(&f.remoteWrite, "remote-write", "", "URL to which they are sent by Prometheus remote write, such as http://127.0.0.1:9090/api/v1/write")
	flags.StringArrayVar(&f.remoteWriteHeader, "remote-write-header", nil, `header of these requests, as with --otlp-header (repeatable)`)
	flags.DurationVar(&f.every, "export-interval", 5*time.Second, "time between two exports by --otlp and --remote-write; one more has the end of the run")
	flags.StringArrayVar(&f.labels, "export-label", nil, "label of all figures that are exported, as name=value, such as run=nightly (repeatable)")
	flags.StringVar(&f.histograms, "export-histograms", "", "form of the histograms that are exported: classic or native (default: classic by OTLP, both by remote write)")
}

// isGiven reports whether figures are sent anywhere.
func (f *exportFlags) isGiven() bool { return f.otlp != "" || f.remoteWrite != "" }

// check reads the flags, and refuses those that say nothing.
func (f *exportFlags) check(flags *pflag.FlagSet) error {
	if !f.isGiven() {
		for _, name := range []string{"export-interval", "export-label", "export-histograms"} {
			if flags.Changed(name) {
				return fmt.Errorf("--%s: it has an effect with --otlp or --remote-write only: say where to send the figures", name)
			}
		}
	}
	if f.every < minExportInterval || f.every > maxExportInterval {
		return fmt.Errorf("--export-interval: %v is out of range: use %v to %v", f.every, minExportInterval, maxExportInterval)
	}
	if f.histograms != "" && !slices.Contains(histogramForms, f.histograms) {
		return fmt.Errorf("--export-histograms: %q is unknown: use %s", f.histograms, strings.Join(histogramForms, " or "))
	}
	return errors.Join(
		f.readLabels(),
		f.addRoute("otlp", f.otlp, "/v1/metrics", "http://host:4318/v1/metrics", f.otlpHeader,
			func() export.Protocol { return &export.OTLP{Histograms: export.Histograms(f.histograms)} }),
		f.addRoute("remote-write", f.remoteWrite, "", "http://host:9090/api/v1/write", f.remoteWriteHeader,
			func() export.Protocol { return &export.RemoteWrite{Histograms: export.Histograms(f.histograms)} }),
	)
}

// ownLabels are those that figures have without being asked.
var ownLabels = []string{"scenario", "seed", "shard", "step", "cause", "stage", "kind", "transport", "from", "le", "quantile", "job", "instance"}

func (f *exportFlags) readLabels() error {
	f.given = nil
	for _, text := range f.labels {
		l, err := export.ParseLabel(text, ownLabels...)
		if err == nil && slices.ContainsFunc(f.given, func(other export.Label) bool { return other.Name == l.Name }) {
			err = fmt.Errorf("%s is given twice: leave one out", l.Name)
		}
		if err != nil {
			return fmt.Errorf("--export-label: %w", err)
		}
		f.given = append(f.given, l)
	}
	return nil
}

// addRoute reads the URL and the headers of a receiver.
func (f *exportFlags) addRoute(flag, address, defaultPath, example string, headers []string, protocol func() export.Protocol) error {
	if address == "" {
		if headers != nil {
			return fmt.Errorf("--%s-header: it has an effect with --%s only: say where to send the figures", flag, flag)
		}
		return nil
	}
	url, err := export.ParseURL(address, defaultPath, example)
	if err != nil {
		return fmt.Errorf("--%s: %w", flag, err)
	}
	var fields []transport.HeaderField
	for _, text := range headers {
		field, err := export.ParseHeader(text)
		if err != nil {
			return fmt.Errorf("--%s-header: %w", flag, err)
		}
		fields = append(fields, field)
	}
	f.routes = append(f.routes, exportRoute{flag, protocol, export.Receiver{URL: url, Header: fields}})
	return nil
}
