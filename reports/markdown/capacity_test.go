package markdown

import (
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

func TestMarkdownOfCapacity(t *testing.T) {
	reporttest.Golden(t, markdownOf(t, reports.Bundle{Capacity: reporttest.Capacity(t)}), "golden", "capacity.md")
}
