package cli_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"imcheck/cli"
)

// tutorial FILE: every command of a document gives the answer that follows it. The server that
// it starts listens on free ports here.
func tutorial(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(args[0])
	ts.Check(err)
	last, ran := "", 0
	for _, part := range regexp.MustCompile("(?m)^```(?:json)?$").Split(string(text), -1) {
		if strings.HasPrefix(strings.TrimSpace(part), "{") {
			expectAnswer(ts, last, strings.TrimSpace(part))
			last = ""
			continue
		}
		for _, block := range cli.CodeBlocks(part) {
			commands, err := cli.CommandsIn(block)
			ts.Check(err)
			for _, words := range commands {
				ran++
				if strings.HasPrefix(last, http.MethodPost) {
					expectAnswer(ts, last, "…") // nobody shows the answer: it is called all the same
				}
				last = runOfTutorial(ts, words)
			}
		}
	}
	if ran < 20 {
		ts.Fatalf("%s has %d commands", args[0], ran)
	}
}

// runOfTutorial runs a command. A call of curl is only read: it returns its method, address and
// body.
func runOfTutorial(ts *testscript.TestScript, words []string) string {
	switch filepath.Base(words[0]) {
	case "make", "sleep": // what comes after it is waited for
	case "imcheck":
		if words[1] != "serve" {
			ts.Fatalf("%q: only serve is known here", words)
		}
		startServer(ts, false, append([]string{"s"}, words[2:]...))
		return "serve"
	case "curl":
		method, body, address := http.MethodGet, "", ""
		for i := 1; i < len(words); i++ {
			switch words[i] {
			case "-s":
			case "-X":
				i++
				method = words[i]
			case "-H": // there is one kind
				if i++; words[i] != "Content-Type: application/json" {
					ts.Fatalf("the header %q is unknown here", words[i])
				}
			case "-d":
				i++
				body = words[i]
			default:
				address = words[i]
			}
		}
		return strings.Join([]string{method, address, body}, " ")
	default:
		ts.Fatalf("the command %q is unknown here", words)
	}
	return ""
}

// tutorialPatience bounds the wait for an answer that comes with time, as a lost message does.
const tutorialPatience = 60 * time.Second

// expectAnswer makes a call and compares its answer, of a GET again until it is the one.
func expectAnswer(ts *testscript.TestScript, call, want string) {
	pattern := regexp.MustCompile(`(?s)^` + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*") + `$`)
	if call == "serve" {
		answer := ts.ReadFile("s.json")
		for from, to := range map[string]string{"UDP": "127.0.0.1:7901", "TCP": "127.0.0.1:8901", "WS": "127.0.0.1:3000", "CONTROL": "127.0.0.1:7900"} {
			answer = strings.ReplaceAll(answer, ts.Getenv("s_"+from), to)
		}
		if !pattern.MatchString(strings.TrimSpace(answer)) {
			ts.Fatalf("serve prints %s, want %s", answer, want)
		}
		return
	}
	parts := strings.SplitN(strings.ReplaceAll(call, "127.0.0.1:7900", ts.Getenv("s_CONTROL")), " ", 3)
	for deadline := time.Now().Add(tutorialPatience); ; time.Sleep(100 * time.Millisecond) {
		answer, err := callOfTutorial(parts[0], parts[1], parts[2])
		ts.Check(err)
		if pattern.MatchString(answer) {
			return
		}
		if parts[0] != http.MethodGet || time.Now().After(deadline) {
			ts.Fatalf("%s\nanswers %s\nwant    %s", call, answer, want)
		}
	}
}

func callOfTutorial(method, address, body string) (string, error) {
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 500 {
		err = fmt.Errorf("%s: %s", address, response.Status)
	}
	return strings.TrimSpace(string(text)), err
}
