//go:build !linux

package loadgen

import "errors"

func newExactAlarm() (alarm, error) { return nil, errors.ErrUnsupported }
