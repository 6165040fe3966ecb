package batch

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Transfer makes a call that moves bytes or datagrams between a socket and memory without
// blocking, and repeats it if a signal interrupts it. As it does not block it does not tell
// the scheduler, which is noticeable for tens of thousands of calls a second.
func Transfer(call uintptr, fd int, memory unsafe.Pointer, count int, flags uintptr) (n int, err error) {
	for {
		r, _, errno := unix.RawSyscall6(call, uintptr(fd), uintptr(memory), uintptr(count), flags|unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			return int(r), nil
		case unix.EINTR:
			continue
		}
		return 0, errno
	}
}
