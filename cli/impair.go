package cli

import (
	"fmt"

	"imcheck/conformance/suite"
	"imcheck/harness/transport/impair"
	"imcheck/reports"
	"imcheck/reports/content"
)

// impairPath makes the path that --impair or else the profile describes. An error is the
// user's.
func (f *conformFlags) impairPath() error {
	specs := f.impair
	if specs == nil && f.target.profile != nil {
		specs = f.target.profile.Impair
	}
	policy, notes, err := impair.Parse(specs)
	if err != nil {
		return fmt.Errorf("--impair %w", err) // the profile's were taken when it was read
	}
	if !policy.Seeded {
		policy.Seed = f.seed
	}
	if len(policy.Specs()) > 0 {
		f.path, f.impairNotes = impair.New(policy), notes
	}
	return nil
}

// noteImpairment notes before a run that its path is impaired on purpose.
func (f *conformFlags) noteImpairment(bar *progress) {
	if c := f.impairment(); c != nil {
		c.Counts = nil
		bar.note("%s", content.ImpairmentWords(c))
	}
	for _, note := range f.impairNotes {
		bar.note("note: %s", note)
	}
}

// impairment describes what was done to the path so far; nil when it is not impaired.
func (f *conformFlags) impairment() *reports.Impairment {
	if f.path == nil {
		return nil
	}
	policy := f.path.Policy()
	return &reports.Impairment{Specs: policy.Specs(), Seed: policy.Seed, Counts: impairmentCounts(f.path.Counts())}
}

// impairmentCounts returns counts as reports have them.
func impairmentCounts(counts []impair.Count) []reports.ImpairmentCounts {
	all := []reports.ImpairmentCounts{}
	for _, c := range counts {
		all = append(all, reports.ImpairmentCounts{
			Transport: c.Transport.String(), Direction: c.Direction.String(),
			Passed: c.Passed, Dropped: c.Dropped, Doubled: c.Doubled, Reordered: c.Reordered,
			DelayedBytes: c.DelayedBytes, Stalls: c.Stalls,
		})
	}
	return all
}

// impairArguments returns the flags that repeat the impairment of one round, with the
// same losses.
func (f *conformFlags) impairArguments(round int) (args []string) {
	if f.path == nil {
		for _, spec := range f.impair { // a flag that takes back what the profile says
			args = append(args, "--impair", spec)
		}
		return args
	}
	policy := f.path.Policy()
	for _, spec := range policy.Specs() {
		args = append(args, "--impair", spec)
	}
	args[len(args)-1] += fmt.Sprintf(", seed=%d", suite.SeedOf(policy.Seed, round))
	return args
}
