package machine

import (
	"context"
	"time"
)

// Sleep lets time pass; ok is false when ctx ended first.
func Sleep(ctx context.Context, d time.Duration) (ok bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
