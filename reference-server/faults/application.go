package faults

import (
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// Answers replaces answers of the application. What is nil leaves them as they are.
type Answers struct {
	Verify func(wire.Code) wire.Code
	Allow  func(bool) bool // for messages to the server and between clients
	Store  func(bool) bool
}

// answering is an application with some of its answers replaced.
type answering struct {
	server.Application
	instead Answers
}

func (a answering) Verify(user, token, extra string) wire.Code {
	return replaced(a.Application.Verify(user, token, extra), a.instead.Verify)
}

func (a answering) AllowC2S(m wire.Message) bool {
	return replaced(a.Application.AllowC2S(m), a.instead.Allow)
}

func (a answering) AllowC2C(m wire.Message) bool {
	return replaced(a.Application.AllowC2C(m), a.instead.Allow)
}

func (a answering) StoreOffline(m wire.Message) bool {
	return replaced(a.Application.StoreOffline(m), a.instead.Store)
}

func replaced[T any](answer T, by func(T) T) T {
	if by == nil {
		return answer
	}
	return by(answer)
}

// applicationFaults have the server disregard what its application says (§5).
func applicationFaults() []Fault {
	return []Fault{
		{Name: "verdict-ignored", Does: "every login is accepted",
			Application: &Answers{Verify: func(wire.Code) wire.Code { return wire.CodeOK }}},
		{Name: "verdict-altered", Does: "a refusal has another code than the application's",
			Application: &Answers{Verify: func(code wire.Code) wire.Code {
				if code == wire.CodeOK {
					return code
				}
				return code + 1
			}}},
		{Name: "veto-ignored", Does: "vetoed messages are delivered",
			Application: &Answers{Allow: func(bool) bool { return true }}},
		{Name: "offline-inverted", Does: "what the application stores counts as not stored, and the other way round",
			Application: &Answers{Store: func(ok bool) bool { return !ok }}},
		{Name: "offline-always-stored", Does: "every message to a user who is not online counts as stored",
			Application: &Answers{Store: func(bool) bool { return true }}},
	}
}
