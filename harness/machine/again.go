package machine

import (
	"context"
	"time"
)

// triesAfterPauses bounds AgainAfterPause.
const triesAfterPauses = 3

// AgainAfterPause calls try, and calls it again if it failed while this process was
// paused, as it may have run out of time for that alone.
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
