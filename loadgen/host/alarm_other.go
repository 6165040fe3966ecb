//go:build !linux

package host

import "errors"

func newExactAlarm() (Alarm, error) { return nil, errors.ErrUnsupported }
