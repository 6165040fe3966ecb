package cli

import (
	"strings"
	"testing"

	"imcheck/harness/metrics/export"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/swarm"
)

// checkedExports returns flags of exports as they were read, and their refusal.
func checkedExports(args ...string) (*exportFlags, error) {
	f, flags := &exportFlags{}, newFlags("load")
	f.register(flags)
	if err := parseArguments(flags, args); err != nil {
		return f, err
	}
	return f, f.check(flags)
}

func TestExportFlagsRefuse(t *testing.T) {
	for args, want := range map[string]string{
		"--otlp collector:4318":                                 "--otlp: ",
		"--otlp http://":                                        "--otlp: ",
		"--otlp grpc://collector:4317":                          "--otlp: \"grpc://collector:4317\" is not the URL of a receiver: write it as http://host:4318/v1/metrics",
		"--otlp http://user:s3cret@host:port":                   "--otlp: it is not a URL",
		"--remote-write http://prometheus:9090":                 "--remote-write: \"http://prometheus:9090\" has no path: write it as http://host:9090/api/v1/write",
		"--otlp-header A:b":                                     "--otlp-header: it has an effect with --otlp only",
		"--otlp http://a --remote-write-header A:b":             "--remote-write-header: it has an effect with --remote-write only",
		"--otlp http://a --otlp-header s3cret":                  "--otlp-header: there is no colon in it",
		"--otlp http://a --otlp-header A:${NO_SUCH}":            "--otlp-header: the environment variable NO_SUCH is not set",
		"--export-interval 5s":                                  "--export-interval: it has an effect with --otlp or --remote-write only",
		"--export-label a=b":                                    "--export-label: it has an effect with",
		"--export-histograms native":                            "--export-histograms: it has an effect with",
		"--otlp http://a --export-interval 999ms":               "--export-interval: 999ms is out of range: use 1s to 1h0m0s",
		"--otlp http://a --export-interval 61m":                 "--export-interval: 1h1m0s is out of range",
		"--otlp http://a --export-histograms both":              `--export-histograms: "both" is unknown: use classic or native`,
		"--otlp http://a --export-label shard=1":                "--export-label: figures have a label shard already",
		"--otlp http://a --export-label a=b --export-label a=c": "--export-label: a is given twice",
	} {
		_, err := checkedExports(strings.Fields(args)...)
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v, want %s", args, err, want)
		}
	}
}

// The labels of a load say which one it is, and which part of it.
func TestOriginOfExports(t *testing.T) {
	f, err := checkedExports("--remote-write", "http://a/w", "--export-label", "run=nightly", "--export-histograms", "native")
	if err != nil {
		t.Fatal(err)
	}
	if w, ok := f.routes[0].protocol().(*export.RemoteWrite); !ok || len(f.routes) != 1 || w.Histograms != export.Native {
		t.Errorf("the routes are %+v", f.routes)
	}
	c := swarm.Config{Shard: plan.Shard{Index: 2, Of: 4}}
	c.Scenario, c.Seed = "chat", 7
	o := f.originOf(&c)
	want := []export.Label{{Name: "run", Value: "nightly"}, {Name: "scenario", Value: "chat"}, {Name: "seed", Value: "7"}, {Name: "shard", Value: "2/4"}}
	if len(o.Labels) != len(want) || o.Job != "imcheck" || o.Instance == "" {
		t.Fatalf("got %+v", o)
	}
	for i, l := range want {
		if o.Labels[i] != l {
			t.Errorf("label %d is %v, want %v", i, o.Labels[i], l)
		}
	}
}

// Without a receiver nothing is sent, and nothing reported.
func TestNoExports(t *testing.T) {
	f, err := checkedExports()
	if err != nil {
		t.Fatal(err)
	}
	e := f.exportsOf(&swarm.Config{}, func(string, ...any) { t.Error("something is said") })
	e.start(&loadMetrics{}, 0)
	if rows := e.report(); rows != nil {
		t.Errorf("got %v", rows)
	}
}

func TestShownExportArguments(t *testing.T) {
	got := strings.Join(shownArguments([]string{
		"--otlp", "https://user:s3cret@a/v1/metrics", "--otlp-header", "Authorization: s3cret", "--otlp-header=X-Scope: ${TENANT}",
		"--remote-write=http://a/w?token=s3cret", "--remote-write-header", "X-Token: s3cret",
	}), " ")
	if strings.Contains(got, "s3cret") || !strings.Contains(got, "${TENANT}") {
		t.Errorf("shown are %s", got)
	}
}
