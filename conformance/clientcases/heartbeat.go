package clientcases

import (
	"fmt"
	"time"

	"imcheck/conformance/client"
	"imcheck/conformance/suite"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/wire"
)

var heartbeatCases = []suite.Case{
	must("heartbeat/first", "client-heartbeat", "The first keep-alive comes one interval after the login at the latest.", everywhere,
		func(s *client.Scene) {
			l := s.Login()
			from := time.Now()
			s.Measure("first keep-alive", from, awaitKeepAlives(s, l, 1)[0], 0, s.Mode().Heartbeat())
		}),
	must("heartbeat/interval", "client-heartbeat", "A client that is logged in sends a keep-alive at the interval of its sense mode.", everywhere,
		func(s *client.Scene) { measureIntervals(s, awaitKeepAlives(s, s.Login(), 4)) }),
	must("heartbeat/form", "client-heartbeat", "A keep-alive goes from the user to \"0\" with the content \"{}\".", everywhere,
		func(s *client.Scene) {
			s.Login()
			s.ExpectMessageBy("a keep-alive from "+s.User+" to 0 with the content {}", time.Now().Add(s.Mode().Heartbeat()+s.SettleTime()), wire.TypeKeepAlive,
				func(m wire.Message) bool {
					return m.From.Is(s.User) && m.To.Is(wire.ServerID) && m.DataContent.Is("{}")
				})
		}),
	must("heartbeat/while-receiving", "client-heartbeat", "A client that receives ten messages a second keeps its interval.", everywhere,
		func(s *client.Scene) {
			s.AllowEvents(driverapi.EventMessage)
			l := s.Login()
			for end := time.Now().Add(3*s.Mode().Heartbeat() + s.SettleTime()); time.Now().Before(end); {
				l.Send(wire.NewData(wire.ServerID, s.User, "another one"))
				s.Wait(100 * time.Millisecond)
			}
			measureIntervals(s, awaitKeepAlives(s, l, 3))
		}),
	must("heartbeat/while-sending", "client-heartbeat", "A client that sends two messages a second keeps its interval.", everywhere,
		func(s *client.Scene) {
			s.AllowEvents(driverapi.EventSent)
			s.AllowMessages(wire.TypeData)
			l := s.Login()
			for end := time.Now().Add(3*s.Mode().Heartbeat() + s.SettleTime()); time.Now().Before(end); {
				s.Do(sendCommand(wire.ServerID, "another one", false, wire.Text{}))
				s.Wait(500 * time.Millisecond)
			}
			measureIntervals(s, awaitKeepAlives(s, l, 3))
		}),
	must("heartbeat/answered-late", "give-up", "A client whose keep-alives are answered late, but in time, stays logged in.", everywhere,
		func(s *client.Scene) {
			s.Silence()
			l := s.Login()
			late := (s.GiveUp() - s.Mode().Heartbeat()) / 2
			for n := range 4 {
				at := awaitKeepAlives(s, l, n+1)[n]
				s.WaitUntil(at.Add(late))
				l.Send(wire.NewKeepAliveResponse(s.User))
			}
			s.Answer()
		}),
}

// awaitKeepAlives waits until so many keep-alives have come on a link since the login on it,
// and returns when.
func awaitKeepAlives(s *client.Scene, l *client.Link, count int) []time.Time {
	return l.AwaitKeepAlives(count, time.Now().Add(time.Duration(count)*s.Mode().Heartbeat()+s.SettleTime()))
}

// measureIntervals measures the times between keep-alives.
func measureIntervals(s *client.Scene, times []time.Time) {
	interval := s.Mode().Heartbeat()
	for i := range len(times) - 1 {
		s.Measure(fmt.Sprintf("keep-alive %d after the one before", i+2), times[i], times[i+1], interval, interval)
	}
}
