package machine

import (
	"errors"
	"math"
	"testing"
)

func TestCheckOpenFiles(t *testing.T) {
	soft, hard, known := OpenFileLimit()
	if !known {
		t.Skip("the system has no limit of open files")
	}
	if err := CheckOpenFiles(min(soft, 100)); err != nil {
		t.Error(err)
	}
	if hard == math.MaxUint64 {
		t.Skip("the hard limit cannot be exceeded")
	}
	var refused *OpenFilesError
	err := CheckOpenFiles(hard + 1)
	if !errors.As(err, &refused) || refused.Needed != hard+1 || refused.Limit != hard {
		t.Errorf("got %v, want an *OpenFilesError for %d of %d", err, hard+1, hard)
	}
}
