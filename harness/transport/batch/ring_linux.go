package batch

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The constants of io_uring(7) that a ring needs and golang.org/x/sys lacks.
const (
	ringFeatures  = 1<<0 | 1<<5 // IORING_FEAT_SINGLE_MMAP, IORING_FEAT_FAST_POLL: Linux 5.7
	ringEntryArea = 0x10000000  // IORING_OFF_SQES
	ringWait      = 1           // IORING_ENTER_GETEVENTS
	ringSend      = 26          // IORING_OP_SEND
	ringReceive   = 27          // IORING_OP_RECV
)

// ring passes many operations to the system in one call (io_uring). They do not block,
// so that all are complete when the call returns. epoll reports which sockets are ready.
type ring[T any] struct {
	fd      int
	indices []byte // mapped, like the entries
	entries []byte

	next            uint32  // index of the next submission
	tail            *uint32 // end of the submissions
	mask            uint32
	submissions     []submission
	head            *uint32 // end of the completions that were taken
	completedTail   *uint32 // end of the completions
	completionsMask uint32
	completions     []completion
}

// submission is struct io_uring_sqe.
type submission struct {
	opcode  uint8
	_       uint8
	_       uint16
	fd      int32
	_       uint64
	address uint64
	length  uint32
	flags   uint32 // those of send(2) or recv(2)
	tag     uint64
	_       [3]uint64
}

// completion is struct io_uring_cqe.
type completion struct {
	tag    uint64
	result int32 // a count, or an error as a negative number
	_      uint32
}

// ringParameters is struct io_uring_params.
type ringParameters struct {
	submissions, completions uint32 // capacities
	_                        [3]uint32
	features                 uint32
	_                        [4]uint32
	submissionOffsets        struct{ head, tail, mask, entries, flags, dropped, array, _, _, _ uint32 }
	completionOffsets        struct{ head, tail, mask, entries, overflow, first, flags, _, _, _ uint32 }
}

// newRing returns a ring for a number of operations at a time, which is a power of two.
// It fails if the system is too old or forbids it.
func newRing[T any](operations int) (*ring[T], error) {
	var p ringParameters
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, uintptr(operations), uintptr(unsafe.Pointer(&p)), 0)
	if errno != 0 {
		return nil, os.NewSyscallError("io_uring_setup", errno)
	}
	r := &ring[T]{fd: int(fd)}
	if p.features&ringFeatures != ringFeatures {
		r.close()
		return nil, errors.New("io_uring lacks what is needed")
	}
	if err := r.mapMemory(&p); err != nil {
		r.close()
		return nil, fmt.Errorf("map the memory of io_uring: %w", err)
	}
	return r, nil
}

// mapMemory maps the memory that is shared with the system.
func (r *ring[T]) mapMemory(p *ringParameters) (err error) {
	submitting, completing := &p.submissionOffsets, &p.completionOffsets
	size := max(submitting.array+p.submissions*uint32(unsafe.Sizeof(uint32(0))),
		completing.first+p.completions*uint32(unsafe.Sizeof(completion{})))
	const access, kind = unix.PROT_READ | unix.PROT_WRITE, unix.MAP_SHARED | unix.MAP_POPULATE
	if r.indices, err = unix.Mmap(r.fd, 0, int(size), access, kind); err != nil {
		return err
	}
	r.entries, err = unix.Mmap(r.fd, ringEntryArea, int(p.submissions)*int(unsafe.Sizeof(submission{})), access, kind)
	if err != nil {
		return err
	}
	at := func(offset uint32) *uint32 { return (*uint32)(unsafe.Pointer(&r.indices[offset])) }
	r.tail, r.mask = at(submitting.tail), *at(submitting.mask)
	r.submissions = unsafe.Slice((*submission)(unsafe.Pointer(&r.entries[0])), p.submissions)
	order := unsafe.Slice(at(submitting.array), p.submissions)
	for i := range order {
		order[i] = uint32(i)
	}
	r.head, r.completedTail, r.completionsMask = at(completing.head), at(completing.tail), *at(completing.mask)
	r.completions = unsafe.Slice((*completion)(unsafe.Pointer(&r.indices[completing.first])), p.completions)
	return nil
}

// run makes operations, up to the size of the ring. It returns how many the system has
// accepted, and an error if not all.
func (r *ring[T]) run(operations []Operation[T]) (taken int, err error) {
	for i := range operations {
		o := &operations[i]
		s := &r.submissions[r.next&r.mask]
		r.next++
		*s = submission{opcode: ringReceive, fd: o.FD, length: uint32(len(o.Bytes)), flags: unix.MSG_DONTWAIT, tag: uint64(i)}
		o.Err = unix.EIO // replaced by the system's result
		s.address = uint64(uintptr(unsafe.Pointer(unsafe.SliceData(o.Bytes))))
		if o.Sends {
			s.opcode, s.flags = ringSend, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL
		}
	}
	atomic.StoreUint32(r.tail, r.next)
	for done := 0; done < len(operations); {
		wait := taken == len(operations) // all are submitted, yet not all complete
		n, err := r.enter(len(operations)-taken, wait)
		if err != nil {
			return taken, os.NewSyscallError("io_uring_enter", err)
		}
		taken += n
		done += r.collect(operations)
	}
	return taken, nil
}

// enter submits operations, and waits for a completion if asked to. It announces
// the call to the scheduler, as a hundred operations take long.
func (r *ring[T]) enter(submit int, wait bool) (n int, err error) {
	var least, flags uintptr
	if wait {
		least, flags = 1, ringWait
	}
	for {
		n, _, errno := unix.Syscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), uintptr(submit), least, flags, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR:
			continue
		}
		return 0, errno
	}
}

// collect takes all completions and returns their number.
func (r *ring[T]) collect(operations []Operation[T]) (n int) {
	head, tail := *r.head, atomic.LoadUint32(r.completedTail)
	for ; head != tail; head++ {
		c := &r.completions[head&r.completionsMask]
		o := &operations[c.tag]
		if o.N, o.Err = int(c.result), nil; c.result < 0 {
			o.N, o.Err = 0, unix.Errno(-c.result)
		}
		n++
	}
	atomic.StoreUint32(r.head, head)
	return n
}

func (r *ring[T]) close() {
	for _, m := range [][]byte{r.indices, r.entries} {
		if m != nil {
			_ = unix.Munmap(m)
		}
	}
	_ = unix.Close(r.fd)
}
