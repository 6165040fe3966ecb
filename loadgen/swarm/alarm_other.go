//go:build !linux

package swarm

import "errors"

func newExactAlarm() (alarm, error) { return nil, errors.ErrUnsupported }
