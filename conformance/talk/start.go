package talk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"imcheck/harness/driver"
	"imcheck/protocol/driverapi"
)

// launch starts all clients, side by side.
func (r *run) launch(ctx context.Context) error {
	launched := make([]*driver.Driver, len(r.options.Launchers))
	failures := make([]error, len(launched))
	var starting sync.WaitGroup
	for i, l := range r.options.Launchers {
		starting.Go(func() { launched[i], failures[i] = l.Launch(ctx) })
	}
	starting.Wait()
	r.drivers = slices.DeleteFunc(slices.Clone(launched), func(d *driver.Driver) bool { return d == nil })
	for i, d := range launched {
		if d == nil {
			return failures[i]
		}
		r.clients[i].Name, r.clients[i].Version = d.Ready.Name, d.Ready.Version
		if !slices.Contains(d.Ready.Transports, r.options.Transport) {
			return &DriverError{i + 1, fmt.Errorf("it does not support %s", r.options.Transport)}
		}
	}
	for i, d := range launched {
		go r.forward(i, d)
	}
	r.online = make([]bool, len(launched))
	return nil
}

// logIn logs all clients in. A login that gets no response is told again.
func (r *run) logIn(ctx context.Context) error {
	host, port, err := net.SplitHostPort(r.address.String())
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	all := func() bool { return !slices.Contains(r.online, false) }
	for range loginTries {
		for i, d := range r.drivers {
			if r.online[i] {
				continue
			}
			login := driverapi.Login{Transport: r.options.Transport, Host: host, Port: number, User: r.users[i], Token: "token", Mode: r.options.Mode}
			if err := d.Do(driverapi.Command{Do: driverapi.ActionLogin, Login: login}); err != nil {
				return &DriverError{i + 1, err}
			}
		}
		if err := r.await(ctx, time.Now().Add(loginTime), all); err != nil || all() {
			return err
		}
	}
	return &DriverError{slices.Index(r.online, false) + 1, errors.New("it reports no login, though it was told to log in again and again")}
}
