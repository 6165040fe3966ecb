package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
	"imcheck/reference-server/gateway"
)

// Bounds of the page of a list.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// Status says what the server is, and how much has happened.
type Status struct {
	Name      string                          `json:"name"`
	Version   string                          `json:"version"`
	Listen    map[string]string               `json:"listen"`    // address by transport
	SenseMode map[string]string               `json:"senseMode"` // by transport
	Online    map[string]int                  `json:"online"`    // users, by transport
	Events    map[controlapi.EventName]uint64 `json:"events"`    // number since the start, by name
}

func (c *Console) status(*http.Request, url.Values) (any, error) {
	info, counts := c.server.Info(), c.log.Counts()
	s := Status{info.Name, info.Version, info.Listen, info.SenseMode, map[string]int{}, map[controlapi.EventName]uint64{}}
	for kind, n := range c.server.OnlineCounts() {
		s.Online[wire.Transport(kind).String()] = n
	}
	for _, name := range controlapi.AllEvents() {
		s.Events[name] = counts[name]
	}
	return s, nil
}

// Session is a user who is online.
type Session struct {
	User      string `json:"user"`
	Transport string `json:"transport"`
	SenseMode string `json:"senseMode"`
	SinceMs   int64  `json:"since"` // ms since the Unix epoch
	Address   string `json:"address"`
}

// SessionsAnswer is a page of those who are online, in the order in which they came.
type SessionsAnswer struct {
	Sessions []Session `json:"sessions"`
	Next     uint64    `json:"next,omitempty"` // where the next page begins; absent on the last one
	Online   int       `json:"online"`         // users in all
}

func (c *Console) sessions(_ *http.Request, q url.Values) (any, error) {
	after, limit, err := window(q)
	if err != nil {
		return nil, err
	}
	var page []gateway.SessionInfo
	if q.Has("user") {
		if one, online := c.server.Session(q.Get("user")); online {
			page = append(page, one)
		}
	} else {
		page = c.server.Sessions(after, limit)
	}
	a := SessionsAnswer{Sessions: []Session{}}
	if len(page) == limit {
		a.Next = page[limit-1].Number
	}
	for _, n := range c.server.OnlineCounts() {
		a.Online += n
	}
	modes := c.server.Info().SenseMode
	for _, s := range page {
		t := s.Transport.String()
		a.Sessions = append(a.Sessions, Session{s.User, t, modes[t], s.Since.UnixMilli(), s.Remote.String()})
	}
	return a, nil
}

// EventsAnswer has the latest events after a sequence number, oldest first.
type EventsAnswer struct {
	Events []controlapi.EventLine `json:"events"`
	Last   uint64                 `json:"last"` // sequence number of the newest event, 0 before the first
}

func (c *Console) events(_ *http.Request, q url.Values) (any, error) {
	after, limit, err := window(q)
	if err != nil {
		return nil, err
	}
	lines, last := c.log.Latest(after, limit)
	return EventsAnswer{lines, last}, nil
}

// window reads the bounds of a page.
func window(q url.Values) (after uint64, limit int, err error) {
	if text := q.Get("after"); text != "" {
		if after, err = strconv.ParseUint(text, 10, 64); err != nil {
			return 0, 0, fmt.Errorf("after=%q is not a number from 0", text)
		}
	}
	limit = defaultLimit
	if text := q.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > maxLimit {
			return 0, 0, fmt.Errorf("limit=%q is not a number from 1 to %d", text, maxLimit)
		}
	}
	return after, limit, nil
}
