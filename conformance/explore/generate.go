package explore

import (
	"math/rand/v2"
	"strings"
	"time"

	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// weights say how often each action is chosen, against the others that are possible then.
var weights = []weight{
	{Open, 8}, {Login, 14}, {KeepAlive, 6}, {Echo, 4}, {Data, 24}, {Copy, 5}, {ACK, 12}, {Logout, 4},
	{Bytes, 7}, {Close, 3}, {Push, 6}, {Kick, 3}, {Wait, 8}, {Frame, 8},
}

// weight is how often an action is drawn.
type weight struct {
	do     Action
	weight int
}

// users is how many users a conversation has, maxConns how many connections it opens.
const (
	users    = 3
	maxConns = 6
)

// contents and bodies are what data and bad messages hold.
var (
	contents = []string{"", "hello", controlapi.VetoPrefix + " this", `{"a":"ü 😀"}`, strings.Repeat("long ", 60)}
	// $0, $1 and $2 are users of the conversation, $f a fingerprint of its own.
	bodies = []string{
		`{"type":2,"dataContent":"one more","from":"$0","to":"$1","unknown":[1,{"a":null}]}`, `{type:2,dataContent:'lenient',from:'$1',to:'$0'}`,
		`{"type":"2","dataContent":5,"from":"$0","to":"$1","QoS":"true","fp":"$f"}`, `{"type":2,"dataContent":null,"from":"$0","to":"$1"}`,
		`{"type":2,"dataContent":"x","from":"$0","to":"$1"} trailing`, `{"type":2,"dataContent":{"a":1},"from":"$0","to":"$1"}`,
		`{"type":[2],"from":"$0"}`, `{"type":5,"dataContent":"\u003c<>&='"}`, `{"type":5}`, "{\"type\":5,\"dataContent\":\"\xff\"}", `{"type":51}`, `{"type":50,"from":"$0","to":"$1"}`,
		`{"type":0,"dataContent":"{\"loginToken\":\"t\"}"}`, `{"type":0,"dataContent":"no JSON"}`, `{"type":0}`, namelessLogin,
		`{"bridge":true,"type":2,"dataContent":"over the bridge","from":"$0","to":"0","fp":"$f","QoS":true,"typeu":7,"sm":5}`, `{"bridge":true,"type":2,"dataContent":"x","from":"$0","to":"$1","fp":"$f","QoS":true,"typeu":7}`,
		`{"type":1,"from":"$1"}`, `{"type":99,"from":"$0","to":"0","dataContent":"x"}`, `{"type":99,"from":"$1","to":"0","fp":"$f","QoS":true}`, `{"type":4,"dataContent":"$f"}`, `{"type":2,"dataContent":"no QoS","from":"$0","to":"0","fp":"$f"}`, `{"type":3}`,
		"", "{", "null", "[]", `"text"`, `{"type":"2"}`, `{"type":2`, "\x00", `{"type":99}`, "{}", `{"type":2,"dataContent":7}`, `{"type":52}`}
	waits = []time.Duration{
		100 * time.Millisecond, 1500 * time.Millisecond, 3 * time.Second, 5 * time.Second, 8 * time.Second,
		9500 * time.Millisecond, 14 * time.Second, 21 * time.Second,
	}
	verdicts = []int{0, 0, 0, 0, 0, 0, 1, 1025, -1}
)

// namelessLogin logs in as the user whose ID is empty: all conversations share that one.
const namelessLogin = `{"type":0,"dataContent":"{\"loginUserId\":\"\",\"loginToken\":\"t\"}"}`

// generator draws a conversation, step by step, and remembers what makes the next one
// interesting.
type generator struct {
	random    *rand.Rand
	abilities Abilities
	conns     []drawnConn
	sent      []Step // with a number
}

type drawnConn struct {
	on   wire.Transport
	user int // that logged in last, -1 before
	open bool
	made bool // its first step after being opened has been drawn
}

// Abilities says what can be asked of a target: on which transports, and what of the
// conventions of docs/contracts.md its application follows.
type Abilities struct {
	Transports []wire.Transport
	Control    bool // messages can be pushed and users kicked
	Verdicts   bool // logins are refused by their token
	Veto       bool // messages are vetoed by their content
	Store      bool // messages to certain users who are offline are stored
	Alone      bool // no other conversation is played at the same time
}

// abilitiesOf returns those of a target that has been discovered.
func abilitiesOf(t *target.Target) Abilities {
	return Abilities{
		Transports: t.Transports(), Control: t.Has(controlapi.CapabilityS2C) && t.Has(controlapi.CapabilityKick),
		Verdicts: t.Has(controlapi.CapabilityVerdicts), Veto: t.Has(controlapi.CapabilityVeto), Store: t.Has(controlapi.CapabilityOfflineStore),
	}
}

// Generate draws a conversation of so many steps; the same seed draws the same.
func Generate(seed uint64, steps int, abilities Abilities) Conversation {
	g := &generator{random: rand.New(rand.NewPCG(seed, 1)), abilities: abilities}
	var c Conversation
	for len(c) < steps {
		s, ok := g.step()
		if !ok {
			continue
		}
		if g.random.IntN(10) > 0 {
			c = append(c, s)
			continue
		}
		// In the middle of a silence that is longer than an expiry and not after it.
		c = append(c, Step{Do: Wait, For: 5 * time.Second}, s, Step{Do: Wait, For: 5 * time.Second})
	}
	return c
}

func (g *generator) step() (Step, bool) {
	total := 0
	for _, w := range weights {
		total += w.weight
	}
	n := g.random.IntN(total)
	for _, w := range weights {
		if n -= w.weight; n < 0 {
			return g.draw(w.do)
		}
	}
	return Step{}, false
}

// draw fills a step in; false when it is not possible now.
func (g *generator) draw(do Action) (Step, bool) {
	switch do {
	case Open:
		return g.open()
	case Wait:
		return Step{Do: Wait, For: pick(g.random, waits)}, len(g.conns) > 0
	case Push, Kick:
		return g.fromApplication(do)
	}
	n, ok := g.anyOpen()
	if !ok {
		return Step{}, false
	}
	if c := &g.conns[n]; !c.made && g.random.IntN(4) > 0 {
		do = Login // most connections are for somebody
	}
	g.conns[n].made = true
	s := Step{Do: do, Conn: n, User: max(0, g.conns[n].user)}
	switch do {
	case Login:
		s.User, s.Code = g.random.IntN(users), pick(g.random, verdicts)
		if !g.abilities.Verdicts {
			s.Code = 0
		}
		s.Claim = pick(g.random, []Claim{NoClaim, NoClaim, Own, Earlier, Later})
		if s.Code == 0 {
			g.conns[n].user = s.User
		}
	case Data:
		return g.data(s), true
	case Copy, ACK:
		return g.again(s)
	case Bytes:
		if s.Text = pick(g.random, bodies); s.Text == namelessLogin && !g.abilities.Alone {
			return s, false
		}
	case Frame:
		s.Kind, s.Text = pick(g.random, frameKinds[g.conns[n].on]), pick(g.random, contents)
		if s.Kind == "half" {
			g.conns[n].open = false // whatever follows would be its other half
		}
	case Echo:
		s.Text = pick(g.random, contents)
	case Close:
		g.conns[n].open = false
	}
	return s, true
}

func (g *generator) open() (Step, bool) {
	if len(g.conns) == maxConns {
		return Step{}, false
	}
	on := pick(g.random, g.abilities.Transports)
	g.conns = append(g.conns, drawnConn{on: on, user: -1, open: true})
	return Step{Do: Open, Conn: len(g.conns) - 1, On: on.String()}, true
}

// again sends an earlier message once more, or acknowledges it: mostly one of the
// connection's own user.
func (g *generator) again(s Step) (Step, bool) {
	var own []Step
	for _, m := range g.sent {
		if s.Do == Copy && m.Conn == s.Conn && m.Do == Data || s.Do == ACK && m.To == g.conns[s.Conn].user {
			own = append(own, m)
		}
	}
	if len(own) == 0 || g.random.IntN(4) == 0 {
		own = g.sent
	}
	if len(own) == 0 {
		return s, false
	}
	s.No = pick(g.random, own[max(0, len(own)-3):]).No // the latest are the likeliest to matter
	return s, true
}

// content draws the text of data.
func (g *generator) content() string {
	text := pick(g.random, contents)
	if !g.abilities.Veto && strings.HasPrefix(text, controlapi.VetoPrefix) {
		return ""
	}
	return text
}

// receiver is whom data goes to: mostly a user who has logged in.
func (g *generator) receiver() int {
	if g.random.IntN(2) == 0 {
		return pick(g.random, []int{0, 1, 2, ToServer, ToServer, ToNobody})
	}
	return max(0, g.conns[g.random.IntN(len(g.conns))].user)
}

func (g *generator) data(s Step) Step {
	s.To = g.receiver()
	s.Text, s.QoS = g.content(), g.random.IntN(3) > 0
	if g.random.IntN(12) == 0 {
		s.User = g.random.IntN(users) // in another's name
	}
	if g.random.IntN(8) == 0 {
		s.Type, s.Over = 7, g.random.IntN(2) == 0
	}
	if s.QoS && g.random.IntN(6) > 0 || !s.QoS && g.random.IntN(4) == 0 {
		s.No = len(g.sent) + 1
		g.sent = append(g.sent, s)
	}
	return s
}

func (g *generator) fromApplication(do Action) (Step, bool) {
	if !g.abilities.Control || len(g.conns) == 0 {
		return Step{}, false
	}
	s := Step{Do: do, To: max(0, g.receiver())}
	if do == Kick {
		s.Code, s.Text = pick(g.random, []int{2, 2, 7}), pick(g.random, []string{"", "go away"})
		return s, true
	}
	s.Text, s.QoS = g.content(), g.random.IntN(2) == 0
	if s.QoS {
		s.No = len(g.sent) + 1
		g.sent = append(g.sent, s)
	}
	return s, true
}

func (g *generator) anyOpen() (n int, ok bool) {
	var open []int
	for i, c := range g.conns {
		if c.open {
			open = append(open, i)
		}
	}
	if len(open) == 0 {
		return 0, false
	}
	return pick(g.random, open), true
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }
