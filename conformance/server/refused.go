package server

import (
	"context"
	"fmt"
	"slices"
	"time"

	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// loginsTried bounds the logins that are tried before the first case begins: one that is
// accepted is enough.
const loginsTried = 10

// RefusedError reports that a target let nobody in, so that no case would say anything.
type RefusedError struct {
	Logins int
	Codes  []string // of the refusals, each once
}

func (e *RefusedError) Error() string {
	return reports.AllRefused(int64(e.Logins), e.Codes)
}

// tryLogins logs users in until one is let in, or the target does not answer, of which the
// cases have more to say. The error is a *RefusedError when all are refused.
func (w *world) tryLogins(ctx context.Context) error {
	kinds, tries := w.target.Transports(), loginsTried
	slices.Reverse(kinds) // on streams nothing is left of a login
	if len(kinds) == 0 {
		return nil
	}
	if w.Lends() {
		tries = min(tries, w.users.pool.Size())
	}
	var refused RefusedError
	for i := range tries {
		code, answered := w.tryLogin(ctx, i, kinds[i%len(kinds)])
		if !answered || code == wire.CodeOK {
			return nil
		}
		refused.Logins++
		if text := fmt.Sprint(code); !slices.Contains(refused.Codes, text) {
			refused.Codes = append(refused.Codes, text)
		}
	}
	return &refused
}

// tryLogin logs a user in and out again. answered is false when no verdict came.
func (w *world) tryLogin(ctx context.Context, number int, t wire.Transport) (code wire.Code, answered bool) {
	user := fmt.Sprintf("login-%s-%d", w.nonce, number)
	login := LoginMessage(user, w.target.Token(), 0)
	if w.Lends() {
		borrowed, err := w.Lend(ctx, 1)
		if err != nil {
			return 0, false
		}
		defer borrowed.Return()
		account := w.users.account(borrowed.(*loan).Number(0), t)
		user, login = account.ID, account.Login(0)
	}
	ctx, cancel := context.WithTimeout(ctx, w.timeouts.Dial)
	defer cancel()
	conn, err := w.target.Dial(ctx, t)
	if err != nil {
		return 0, false
	}
	defer conn.Close()
	defer func() { _ = conn.Send(wire.NewLogout(user).Append(nil)) }() // see Peer.leave
	for deadline := time.Now().Add(w.timeouts.Reply); time.Now().Before(deadline); {
		if conn.Send(login.Append(nil)) != nil || conn.SetReceiveDeadline(time.Now().Add(suite.ProbeTime)) != nil {
			return 0, false
		}
		if body, err := conn.Receive(); err == nil {
			return verdictIn(body)
		}
		if t.Connected() {
			return 0, false // what was sent once arrives once
		}
	}
	return 0, false
}

// verdictIn reads the code of a login response; ok is false when it is something else.
func verdictIn(body []byte) (code wire.Code, ok bool) {
	m, err := wire.Decode(body)
	if err != nil || m.Type != wire.TypeLoginResponse {
		return 0, false
	}
	response, err := wire.ParseLoginResponse(m.DataContent.Value())
	return response.Code, err == nil
}

// hideSecrets takes the secrets of the target's users out of what cases ended with. Their
// transcripts have none.
func (w *world) hideSecrets(finished []suite.Finished) []suite.Finished {
	for i := range finished {
		w.users.secrets.Report(&finished[i].Result)
		finished[i].Trouble = w.users.secrets.Text(finished[i].Trouble)
	}
	return finished
}
