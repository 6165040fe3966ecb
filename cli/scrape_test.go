package cli_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/rogpeppe/go-internal/testscript"
)

// Formats of metrics, by what a scraper accepts.
const (
	acceptText        = "text/plain"
	acceptOpenMetrics = "application/openmetrics-text;version=1.0.0"
	acceptNative      = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
)

// scraped CODES FOLDER COMMAND [ARGS]: runs a load that serves the metrics of its end for
// long, asks for them in each format, into FOLDER/text and so on, and ends it by SIGTERM. It
// has to end with one of the codes then, and what it served has to be well formed.
func scraped(ts *testscript.TestScript, _ bool, args []string) {
	path, err := exec.LookPath(args[2])
	ts.Check(err)
	command := exec.Command(path, args[3:]...)
	command.Dir, command.Stdout = ts.Getenv("WORK"), ts.Stdout()
	complaints, err := command.StderrPipe()
	ts.Check(err)
	ts.Check(command.Start())
	defer command.Process.Kill() // where it has not ended
	address := ""
	for lines := bufio.NewScanner(complaints); lines.Scan(); {
		line := lines.Text()
		_, _ = ts.Stderr().Write([]byte(line + "\n"))
		if url, ok := strings.CutPrefix(line, "metrics: http"); ok {
			address = "http" + url
		}
		if strings.HasPrefix(line, "metrics: the end of the run is served") {
			saveMetrics(ts, address, ts.MkAbs(args[1]))
			ts.Check(command.Process.Signal(syscall.SIGTERM))
		}
	}
	_ = command.Wait() // the exit code says it all
	if code := strconv.Itoa(command.ProcessState.ExitCode()); !slices.Contains(strings.Split(args[0], ","), code) {
		ts.Fatalf("exit code %s instead of %s", code, args[0])
	}
	_, err = os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
}

// saveMetrics gets metrics in each format, checks them, and writes them to files.
func saveMetrics(ts *testscript.TestScript, address, folder string) {
	ts.Check(os.MkdirAll(folder, 0o777))
	text, kind := get(ts, address, acceptText)
	if !strings.HasPrefix(kind, acceptText) {
		ts.Fatalf("asked for text there is %s", kind)
	}
	families, err := parseMetrics(text)
	ts.Check(err)
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	ts.Check(err)
	for _, problem := range problems {
		ts.Fatalf("%s: %s", problem.Metric, problem.Text)
	}
	ts.Check(os.WriteFile(filepath.Join(folder, "text"), text, 0o666))
	text, kind = get(ts, address, acceptOpenMetrics)
	if !strings.HasPrefix(kind, "application/openmetrics-text") || !bytes.HasSuffix(text, []byte("\n# EOF\n")) {
		ts.Fatalf("asked for OpenMetrics there is %s, and it ends with %q", kind, text[max(0, len(text)-80):])
	}
	ts.Check(os.WriteFile(filepath.Join(folder, "openmetrics"), text, 0o666))
	encoded, kind := get(ts, address, acceptNative)
	families, err = decodeMetrics(encoded, kind)
	ts.Check(err)
	var described strings.Builder
	for _, family := range families {
		described.WriteString(family.String() + "\n")
	}
	ts.Check(os.WriteFile(filepath.Join(folder, "native"), []byte(described.String()), 0o666))
}

// get returns what is served at an address to who accepts a type, and its type.
func get(ts *testscript.TestScript, address, accept string) (body []byte, kind string) {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	ts.Check(err)
	request.Header.Set("Accept", accept)
	answer, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	ts.Check(err)
	if answer.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s", answer.Status, body)
	}
	return body, answer.Header.Get("Content-Type")
}

// parseMetrics reads metrics in the text format.
func parseMetrics(text []byte) (families []*dto.MetricFamily, err error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	named, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	for _, family := range named {
		families = append(families, family)
	}
	return families, err
}

// decodeMetrics reads metrics as protocol buffers.
func decodeMetrics(encoded []byte, kind string) (families []*dto.MetricFamily, err error) {
	header := http.Header{"Content-Type": {kind}}
	decoder := expfmt.NewDecoder(bytes.NewReader(encoded), expfmt.ResponseFormat(header))
	for {
		var family dto.MetricFamily
		if err := decoder.Decode(&family); errors.Is(err, io.EOF) {
			return families, nil
		} else if err != nil {
			return nil, err
		}
		families = append(families, &family)
	}
}

// The parser notices what is wrong.
func TestParseMetrics(t *testing.T) {
	if _, err := parseMetrics([]byte("# TYPE a counter\n# TYPE a counter\na 1\n")); err == nil {
		t.Error("a type that is given twice is not refused")
	}
}
