package explore

import (
	"strings"

	"imcheck/protocol/wire"
)

// script turns the steps of one conversation into what goes over the wire.
type script struct {
	cast cast
	sent map[int]performed // numbered messages, by number
}

func newScript(c cast) *script { return &script{cast: c, sent: map[int]performed{}} }

// write returns what a step on a connection, or of the application, sends; false when there
// is nothing to send. The first login time of a login is left to the caller.
func (s *script) write(step Step, on wire.Transport) (done performed, ok bool) {
	done = performed{step: step, on: on}
	user := s.cast.user(step.User)
	switch step.Do {
	case Login:
		done.user, done.token = user, s.cast.token(step.Code)
	case KeepAlive:
		done.body = wire.NewKeepAlive(user).Append(nil)
	case Echo:
		done.body = wire.NewEcho(user, step.Text).Append(nil)
	case Logout:
		done.body = wire.NewLogout(user).Append(nil)
	case Bytes:
		done.body = []byte(strings.NewReplacer("$0", s.cast.user(0), "$1", s.cast.user(1), "$2", s.cast.user(2), "$f", s.cast.fingerprint(900)).Replace(step.Text))
	case Frame:
		done.framing = frameOf(on, step.Kind, user, step.Text, s.cast.under().MaxMessage(on))
	case Data, Push:
		done.message = s.cast.data(step)
		done.body = done.message.Append(nil)
		if step.No > 0 {
			s.sent[step.No] = done
		}
	case Kick:
		done.message = wire.NewData(wire.ServerID, s.cast.user(step.To), "")
	case Copy, ACK:
		earlier, known := s.sent[step.No]
		if !known {
			return done, false
		}
		done.message, done.body = earlier.message, earlier.message.Append(nil)
		if step.Do == ACK {
			done.body = wire.NewReceived(earlier.message).Append(nil)
		}
	}
	return done, true
}
