package junit

import (
	"io"
	"testing"

	"imcheck/reports/checks"
	"imcheck/reports/internal/reporttest"
)

func TestJUnitOfCapacity(t *testing.T) {
	got := reporttest.Rendered(t, func(w io.Writer) error { return Write(w, checks.OfCapacity(reporttest.Capacity(t))) })
	reporttest.Golden(t, got, "golden", "capacity.junit.xml")
}
