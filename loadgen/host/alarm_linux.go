package host

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// exactAlarm is a timer of the kernel that rings through a file. An idle runtime
// waits for files without delay, but for its timers in whole milliseconds, which
// is as late as a generator may be at all.
type exactAlarm struct {
	file *os.File
	fd   int
	ring chan time.Time
}

func newExactAlarm() (Alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	a := &exactAlarm{file: os.NewFile(uintptr(fd), "timer"), fd: fd, ring: make(chan time.Time, 1)}
	go a.listen()
	return a, nil
}

// listen passes on what the kernel says, until the file is closed.
func (a *exactAlarm) listen() {
	var count [8]byte
	for {
		if _, err := a.file.Read(count[:]); err != nil {
			return
		}
		select {
		case a.ring <- time.Time{}:
		default: // it rings already
		}
	}
}

func (a *exactAlarm) Set(wait time.Duration) {
	// 0 would switch it off.
	once := unix.ItimerSpec{Value: unix.NsecToTimespec(max(wait, 1).Nanoseconds())}
	if err := unix.TimerfdSettime(a.fd, 0, &once, nil); err != nil {
		select {
		case a.ring <- time.Time{}: // rather too early than never
		default:
		}
	}
}

func (a *exactAlarm) Rings() <-chan time.Time { return a.ring }

func (a *exactAlarm) Stop() { _ = a.file.Close() } // nothing is lost with it
