package host

import (
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
)

func TestAlarmInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := NewAlarm(memory.New())
		defer a.Stop()
		begin := time.Now()
		a.Set(time.Hour)
		a.Set(time.Minute)
		<-a.Rings()
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("it rang after %v, want a minute", took)
		}
	})
}

// It rings whatever it is set to: in the past, now, and again.
func TestAlarmRings(t *testing.T) {
	a := NewAlarm(transport.OS{})
	defer a.Stop()
	for _, wait := range []time.Duration{-time.Second, 0, time.Microsecond, time.Millisecond} {
		begin := time.Now()
		a.Set(time.Hour)
		a.Set(wait)
		<-a.Rings()
		if took := time.Since(begin); took < wait {
			t.Errorf("set to %v it rang after %v", wait, took)
		}
	}
}
