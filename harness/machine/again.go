package machine

import (
	"context"
	"time"
)

// triesAfterPauses bounds AgainAfterPause.
const triesAfterPauses = 3

// AgainAfterPause calls try, and calls it again when it failed while this process was
// stopped: what ran out of time then did not have it.
func AgainAfterPause(ctx context.Context, try func() error) error {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	var pauses Pauses
	go pauses.Watch(watching)
	return againAfterPause(ctx, &pauses, try)
}

func againAfterPause(ctx context.Context, pauses *Pauses, try func() error) error {
	for tries := 1; ; tries++ {
		started := time.Now()
		err := try()
		_, paused := pauses.During(started, time.Now())
		if err == nil || !paused || tries == triesAfterPauses || ctx.Err() != nil {
			return err
		}
	}
}
