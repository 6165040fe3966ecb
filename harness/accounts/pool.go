package accounts

import (
	"context"
	"fmt"
	"time"
)

// Pool lends accounts, each to one borrower at a time.
type Pool struct {
	source Source
	size   int
	free   chan int
	turn   chan struct{} // holds a value while somebody waits for several accounts
}

// NewPool returns a pool of the first accounts of a source, size of them at most. Channels
// alone are waited for, so that virtual time goes on.
func NewPool(source Source, size int) *Pool {
	p := &Pool{source: source, size: min(size, source.Count()), turn: make(chan struct{}, 1)}
	p.free = make(chan int, p.size)
	for n := range p.size {
		p.free <- n
	}
	return p
}

// Size returns how many accounts the pool has.
func (p *Pool) Size() int { return p.size }

// Lend waits until so many accounts are free together. One borrower at a time collects
// them, and those that have theirs wait for nothing, so that none waits for ever. The
// error is a *ShortageError, or that of ctx.
func (p *Pool) Lend(ctx context.Context, count int) (*Loan, error) {
	if count > p.size {
		return nil, &ShortageError{p.source.Name(), p.size, count, "a case"}
	}
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for accounts: %w", context.Cause(ctx))
	}
	defer func() { <-p.turn }()
	loan := &Loan{pool: p}
	for range count {
		select {
		case n := <-p.free:
			loan.numbers = append(loan.numbers, n)
		case <-ctx.Done():
			loan.Return(0)
			return nil, fmt.Errorf("waiting for accounts: %w", context.Cause(ctx))
		}
	}
	return loan, nil
}

// Loan is a number of accounts that somebody has borrowed.
type Loan struct {
	pool    *Pool
	numbers []int
}

// Len returns how many accounts it has.
func (l *Loan) Len() int { return len(l.numbers) }

// Number returns the number, in the source, of the i-th of its accounts.
func (l *Loan) Number(i int) int { return l.numbers[i] }

// Return gives the accounts back. They are lent again after a time in which their
// sessions end; a second call does nothing.
func (l *Loan) Return(after time.Duration) {
	numbers := l.numbers
	l.numbers = nil
	giveBack := func() {
		for _, n := range numbers {
			l.pool.free <- n
		}
	}
	if after <= 0 {
		giveBack() // there is room for all
		return
	}
	time.AfterFunc(after, giveBack)
}
