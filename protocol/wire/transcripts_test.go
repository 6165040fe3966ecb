package wire_test

import (
	"maps"
	"slices"
	"testing"

	"imcheck/fixtures"
	"imcheck/protocol/wire"
)

func transcripts(t testing.TB) []fixtures.Transcript {
	t.Helper()
	transcripts, err := fixtures.Transcripts()
	if err != nil {
		t.Fatal(err)
	}
	return transcripts
}

func TestTranscriptMessagesComeBackByteEqual(t *testing.T) {
	compared := map[string]int{} // by direction
	for _, tr := range transcripts(t) {
		for _, e := range slices.Concat(tr.Connections...) {
			if !e.IsMessage() || e.Direction == fixtures.Sent && sentAskew[e.Text] {
				continue
			}
			compared[e.Direction]++
			m, err := wire.Decode([]byte(e.Text))
			if err != nil || m.String() != e.Text {
				t.Errorf("%s on %s, %s %s\ncomes back as %s, error %v", tr.Scenario, tr.Transport, e.Direction, e.Text, m, err)
			}
		}
	}
	if compared[fixtures.Received] != 260 || compared[fixtures.Sent] != 267 {
		t.Errorf("compared %v messages, want 260 received and 267 sent", compared)
	}
}

// sentAskew has the texts that the scenarios sent on purpose and that are not messages,
// or are not encoded as the server would.
var sentAskew = map[string]bool{
	"":                                  true,
	"{}":                                true,
	"null":                              true,
	"{oops":                             true,
	`{"type":5,"dataContent":"x"} tail`: true,
}

// The constructors build what was on the wire, from the values that it held.
func TestConstructorsRebuildTranscripts(t *testing.T) {
	rebuilt := map[wire.Type]int{}
	for _, tr := range transcripts(t) {
		messages := messagesOf(tr)
		for _, m := range messages {
			got, ok := rebuild(t, m, messages)
			if !ok {
				continue
			}
			if got != m {
				t.Errorf("%s on %s:\n got %s\nwant %s", tr.Scenario, tr.Transport, got, m)
			}
			rebuilt[m.Type]++
		}
	}
	want := map[wire.Type]int{
		wire.TypeLogin:             97, // 9 more are no proper logins
		wire.TypeKeepAlive:         85,
		wire.TypeData:              81,
		wire.TypeLogout:            3,
		wire.TypeReceived:          39, // 3 more acknowledge what was never sent
		wire.TypeEcho:              13, // 3 more are QoS messages
		wire.TypeLoginResponse:     97,
		wire.TypeKeepAliveResponse: 63,
		wire.TypeErrorResponse:     13,
		wire.TypeEchoResponse:      9, // 3 more answer raw bytes that were not captured
		wire.TypeKickout:           6,
	}
	if !maps.Equal(rebuilt, want) {
		t.Errorf("rebuilt %v\nwant    %v", rebuilt, want)
	}
}

// messagesOf is every message of a scenario, in both directions.
func messagesOf(tr fixtures.Transcript) []wire.Message {
	var messages []wire.Message
	for _, e := range slices.Concat(tr.Connections...) {
		if m, err := wire.Decode([]byte(e.Text)); err == nil && e.IsMessage() {
			messages = append(messages, m)
		}
	}
	return messages
}

// rebuild makes m again with the constructor of its type; ok is false when m is
// not what the constructor is for. What m answers is looked up in messages.
func rebuild(t *testing.T, m wire.Message, messages []wire.Message) (got wire.Message, ok bool) {
	from, to, content := m.From.Value(), m.To.Value(), m.DataContent.Value()
	switch m.Type {
	case wire.TypeLogin:
		info, err := wire.ParseLoginInfo(content)
		return wire.NewLogin(info), err == nil && info.UserID.Present()
	case wire.TypeKeepAlive:
		return wire.NewKeepAlive(from), true
	case wire.TypeData:
		got = wire.NewData(from, to, content)
		if m.QoS {
			got = wire.NewQoSData(from, to, content, m.Fingerprint.Value())
		}
		got.UserType, got.Fingerprint = m.UserType, m.Fingerprint
		return got, true
	case wire.TypeLogout:
		return wire.NewLogout(from), true
	case wire.TypeReceived:
		i := slices.IndexFunc(messages, func(d wire.Message) bool { return d.QoS && d.Fingerprint.Is(content) })
		if i < 0 {
			return got, false
		}
		return wire.NewReceived(messages[i]), true
	case wire.TypeEcho:
		return wire.NewEcho(from, content), !m.QoS
	case wire.TypeEchoResponse:
		i := slices.IndexFunc(messages, func(e wire.Message) bool { return e.Type == wire.TypeEcho && e.DataContent == m.DataContent })
		if i < 0 {
			return got, false
		}
		return wire.NewEchoResponse(messages[i]), true
	}
	return rebuildResponse(t, m, messages)
}

// rebuildResponse is the part of rebuild for messages that only a server sends.
func rebuildResponse(t *testing.T, m wire.Message, messages []wire.Message) (got wire.Message, ok bool) {
	content := m.DataContent.Value()
	switch m.Type {
	case wire.TypeLoginResponse:
		body, err := wire.ParseLoginResponse(content)
		return wire.NewLoginResponse(m.To.Value(), body.Code, body.FirstLoginTime), err == nil
	case wire.TypeKeepAliveResponse:
		return wire.NewKeepAliveResponse(m.To.Value()), true
	case wire.TypeErrorResponse:
		body, err := wire.ParseErrorResponse(content)
		if err != nil {
			return got, false
		}
		offending, err := wire.Decode([]byte(body.Message.Value()))
		if err != nil || !slices.Contains(messages, offending) {
			t.Errorf("the text of %s is not what was sent: %v", m, err)
		}
		return wire.NewErrorResponse(body.Code, offending), true
	case wire.TypeKickout:
		body, err := wire.ParseKickout(content)
		return wire.NewKickout(m.To.Value(), body), err == nil
	}
	return got, false
}
