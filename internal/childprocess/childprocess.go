// Package childprocess runs a part of a benchmark in another process, so that its CPU
// time and memory are separate.
package childprocess

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// Start starts this test binary as a process that ends with the benchmark. An
// environment variable keeps its TestMain from running tests. Start sends
// it question, unless that is nil, and waits for its answer, both as JSON.
func Start(b *testing.B, variable, value string, question, answer any) (pid int) {
	b.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), variable+"="+value)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = command.Wait()
	})
	if question != nil {
		if err := json.NewEncoder(in).Encode(question); err != nil {
			b.Fatal(err)
		}
	}
	if err := json.NewDecoder(out).Decode(answer); err != nil {
		b.Fatalf("%s: %v", value, err)
	}
	return command.Process.Pid
}

// Serve sends the benchmark the answer that it waits for, such as addresses, and returns
// when the benchmark ends.
func Serve(answer any) error {
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// PeakResident returns the largest resident size of a process so far in bytes.
func PeakResident(pid int) (int64, error) {
	status, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.Fields(text)[0], 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("the system does not report the largest resident size of process %d", pid)
}
