package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"imcheck/harness/drive"
	"imcheck/harness/transport"
	"imcheck/protocol/driverapi"
)

var printedAddress = regexp.MustCompile(`comes to (http://\S+)`)

// comers CODES ROLE COMMAND [ARGS]: runs a command that listens for clients over HTTP, and
// lets two come that play a role until the run is over. The exit code has to be one of
// CODES; what the command writes is in the files stdout and stderr.
func comers(ts *testscript.TestScript, _ bool, args []string) {
	path, err := exec.LookPath(args[2])
	ts.Check(err)
	command := exec.Command(path, args[3:]...)
	command.Dir = ts.Getenv("WORK")
	var stdout, stderr bytes.Buffer
	command.Stdout = &stdout
	complaints, err := command.StderrPipe()
	ts.Check(err)
	ts.Check(command.Start())
	ts.Defer(func() { _ = command.Process.Kill() }) // it may be dead already
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var playing sync.WaitGroup
	for lines := bufio.NewScanner(complaints); lines.Scan(); {
		fmt.Fprintln(&stderr, lines.Text())
		if found := printedAddress.FindStringSubmatch(lines.Text()); found != nil {
			for range 2 {
				playing.Go(func() {
					for ctx.Err() == nil && comeOnce(ctx, found[1], args[1]) {
					}
				})
			}
		}
	}
	_ = command.Wait() // the code says it
	cancel()
	playing.Wait()
	ts.Check(os.WriteFile(ts.MkAbs("stdout"), stdout.Bytes(), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("stderr"), stderr.Bytes(), 0o600))
	if code := fmt.Sprint(command.ProcessState.ExitCode()); !slices.Contains(strings.Split(args[0], ","), code) {
		ts.Fatalf("%v: exit code %s, want one of %s\n%s%s", args[2:], code, args[0], &stdout, &stderr)
	}
}

// comeOnce plays a role until the client is told to exit. It reports false when the run is
// over.
func comeOnce(ctx context.Context, address, role string) bool {
	if role == "nobody" {
		return false
	}
	code, body := request(ctx, http.MethodPost, address, `{"ev":"ready","name":"comer","version":"1","transports":["tcp"],"senseModes":["3S"],"reusable":true}`)
	number := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(body), `{"client":"`), `"}`)
	if code != http.StatusCreated {
		return false
	}
	address += "/" + number
	in, commands := io.Pipe()
	events := writerFunc(func(line []byte) (int, error) {
		request(ctx, http.MethodPost, address, string(line))
		return len(line), nil
	})
	var working sync.WaitGroup
	defer working.Wait()
	defer commands.Close()
	working.Go(func() { playRole(ctx, role, address, in, events) })
	for heard := 0; ; {
		code, body := request(ctx, http.MethodGet, fmt.Sprintf("%s?after=%d", address, heard), "")
		switch code {
		case http.StatusOK:
			heard += strings.Count(body, "\n")
			if _, err := io.WriteString(commands, body); err != nil || role == "gone" {
				return role != "gone"
			}
		case http.StatusNoContent:
		default:
			return code != 0
		}
	}
}

// playRole does what a role does with the commands that come.
func playRole(ctx context.Context, role, address string, in io.Reader, events io.Writer) {
	switch role {
	case "own":
		first := true // drive says again what the client has said when it came
		_ = drive.Run(ctx, transport.OS{}, in, writerFunc(func(line []byte) (int, error) {
			if first {
				first = false
				return len(line), nil
			}
			return events.Write(line)
		}), drive.Options{})
	case "rubbish":
		request(ctx, http.MethodPost, address+"/stderr", "a note of the page")
		answerEach(in, events, "Hello!\n")
	case "floods":
		answerEach(in, events, strings.Repeat(`{"ev":"sent","code":0}`+"\n", driverapi.MaxLines+1))
	case "unsupported":
		answerEach(in, events, `{"ev":"unsupported","do":"login"}`+"\n")
	}
	_, _ = io.Copy(io.Discard, in)
}

// answerEach answers each command but the last.
func answerEach(in io.Reader, events io.Writer, answer string) {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if strings.Contains(lines.Text(), `"exit"`) {
			return
		}
		_, _ = io.WriteString(events, answer)
	}
}

type writerFunc func(b []byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// request returns status 0 when there is no answer.
func request(ctx context.Context, method, address, body string) (int, string) {
	in, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	out, err := http.DefaultClient.Do(in)
	if err != nil {
		return 0, err.Error()
	}
	defer out.Body.Close()
	text, err := io.ReadAll(out.Body)
	if err != nil {
		return 0, err.Error()
	}
	return out.StatusCode, string(text)
}
