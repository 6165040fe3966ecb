package reports

import "testing"

func TestArea(t *testing.T) {
	for id, want := range map[string]string{"qos/ack": "qos", "qos": "qos", "a/b/c": "a", "": ""} {
		if got := (Result{Case: id}).Area(); got != want {
			t.Errorf("%q: got %q, want %q", id, got, want)
		}
	}
}

func TestExitCodes(t *testing.T) {
	for outcome, want := range map[Outcome]int{OutcomePass: 0, OutcomeFail: 1, OutcomeUnreachable: 3, OutcomeInconclusive: 4} {
		if got := outcome.ExitCode(); got != want {
			t.Errorf("%s: exit code %d instead of %d", outcome, got, want)
		}
	}
}
