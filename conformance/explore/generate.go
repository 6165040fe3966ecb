package explore

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// users is the number of users of a conversation, maxConns that of the connections it may open.
const (
	users    = 3
	maxConns = 8
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
		`{"type":0,"dataContent":"{\"loginToken\":\"t\"}"}`, `{"type":0,"dataContent":"no JSON"}`, `{"type":0}`,
		`{"bridge":true,"type":2,"dataContent":"over the bridge","from":"$0","to":"0","fp":"$f","QoS":true,"typeu":7,"sm":5}`, `{"bridge":true,"type":2,"dataContent":"x","from":"$0","to":"$1","fp":"$f","QoS":true,"typeu":7}`,
		`{"type":1,"from":"$1"}`, `{"type":99,"from":"$0","to":"0","dataContent":"x"}`, `{"type":99,"from":"$1","to":"0","fp":"$f","QoS":true}`, `{"type":4,"dataContent":"$f"}`, `{"type":2,"dataContent":"no QoS","from":"$0","to":"0","fp":"$f"}`, `{"type":3}`,
		"", "{", "null", "[]", `"text"`, `{"type":"2"}`, `{"type":2`, "\x00", `{"type":99}`, "{}", `{"type":2,"dataContent":7}`, `{"type":52}`}
	waits = []time.Duration{
		100 * time.Millisecond, 1500 * time.Millisecond, 3 * time.Second, 5 * time.Second, 8 * time.Second,
		9500 * time.Millisecond, 14 * time.Second, 21 * time.Second,
	}
	verdicts = []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1025, -1}
)

// generator draws a conversation, step by step, and plays it to the model as it goes: who
// is logged in where makes the next step interesting.
type generator struct {
	random    *rand.Rand
	abilities Abilities
	model     *model
	script    *script
	at        time.Duration
	weights   Weights
	mix       weighted[Action] // of this conversation
	silences  int              // one step in so many comes in the middle of a silence; 0 for none
	gathers   bool             // users who are missing come soon: there is more to see with all of them
	conns     []drawnConn
	sent      []Step // with a number
}

type drawnConn struct {
	on   wire.Transport
	user int // that tried to log in last, -1 before
	open bool
}

// Abilities lists the transports of a target, and the conventions of docs/contracts.md that
// its application follows.
type Abilities struct {
	Transports []wire.Transport
	Modes      timing.Modes
	Control    bool // messages can be pushed and users kicked
	Verdicts   bool // logins are refused by their token
	Veto       bool // messages are vetoed by their content
	Store      bool // messages to certain users who are offline are stored
}

// abilitiesOf returns those of a target that has been discovered.
func abilitiesOf(t *target.Target) Abilities {
	return Abilities{
		Transports: t.Transports(), Modes: t.Modes, Control: t.Has(controlapi.CapabilityS2C) && t.Has(controlapi.CapabilityKick),
		Verdicts: t.Has(controlapi.CapabilityVerdicts), Veto: t.Has(controlapi.CapabilityVeto), Store: t.Has(controlapi.CapabilityOfflineStore),
	}
}

// Generate draws a conversation of so many steps; the same seed and weights draw the same.
// It is shorter when nothing more can be done.
func Generate(seed uint64, steps int, abilities Abilities, weights Weights) Conversation {
	weights, err := weights.on(abilities.Transports)
	if err != nil {
		return nil
	}
	g := &generator{
		random: rand.New(rand.NewPCG(seed, 1)), abilities: abilities, weights: weights,
		model: newModel(abilities.Modes, server.Conventions{}, false, choice{}, nil), script: newScript(cast{nonce: "drawn", store: abilities.Store}),
	}
	g.mixWeights()
	var c Conversation
	for tries := 0; len(c) < steps && tries < 100*steps; tries++ {
		s, ok := g.step()
		if !ok {
			continue
		}
		drawn := g.among(s)
		for _, s := range drawn {
			g.play(s)
		}
		c = append(c, drawn...)
	}
	return c
}

// among returns a step with silences around it, or in place of a wait for all one for a
// single session.
func (g *generator) among(s Step) Conversation {
	switch {
	case s.Do == Wait && g.random.IntN(2) == 0:
		return g.oneSilent(s)
	case g.silences > 0 && g.random.IntN(g.silences) == 0, s.Do == Frame && g.weights.steps.of(Wait) > 0 && g.random.IntN(2) == 0:
		// In the middle of a silence that is longer than an expiry and not after it.
		return Conversation{{Do: Wait, For: 5 * time.Second}, s, {Do: Wait, For: 5 * time.Second}}
	}
	return Conversation{s}
}

// longestSilence bounds the expiry that a conversation waits for.
const longestSilence = 25 * time.Second

// oneSilent lets one session expire while the others keep their heartbeat. Without one
// that expires soon it returns the wait as it is.
func (g *generator) oneSilent(wait Step) Conversation {
	var loggedIn []int
	for n := range g.conns {
		if g.conns[n].open && g.userOn(n) >= 0 && g.abilities.Modes[g.conns[n].on].Expiry(g.conns[n].on) < longestSilence {
			loggedIn = append(loggedIn, n)
		}
	}
	if len(loggedIn) < 2 || g.weights.steps.of(KeepAlive) == 0 {
		return Conversation{wait}
	}
	silent := pick(g.random, loggedIn)
	on := g.conns[silent].on
	beat := wait
	for _, n := range loggedIn {
		beat.For = min(max(beat.For, 3*time.Second), g.abilities.Modes[g.conns[n].on].Expiry(g.conns[n].on)/2)
	}
	var c Conversation
	for left := g.abilities.Modes[on].Expiry(on) + time.Second; left > 0; left -= beat.For {
		c = append(c, beat)
		for _, n := range loggedIn {
			if n != silent {
				c = append(c, Step{Do: KeepAlive, Conn: n, User: g.conns[n].user})
			}
		}
	}
	return c
}

// usualPace is about how long a step takes.
const usualPace = 50 * time.Millisecond

// play does a step as a healthy server would have it.
func (g *generator) play(s Step) {
	g.at += usualPace + s.For
	var on wire.Transport
	if s.onConnection() {
		on = g.conns[s.Conn].on
	}
	if done, ok := g.script.write(s, on); ok {
		done.at = g.at
		g.model.play(&done)
	}
}

// mixWeights draws the mix of one conversation, in which some actions come often and
// others never: what comes all the time may hide what takes a while to build up.
func (g *generator) mixWeights() {
	for _, w := range g.weights.steps {
		factors := []int{0, 1, 1, 3}
		if w.what == Open || w.what == Login || w.what == Wait {
			factors = []int{1, 2}
		}
		w.weight *= pick(g.random, factors)
		g.mix = append(g.mix, w)
	}
	g.gathers = g.random.IntN(2) == 0
	if g.weights.steps.of(Wait) > 0 {
		g.silences = pick(g.random, []int{0, 0, 10, 20})
	}
}

func (g *generator) step() (Step, bool) {
	switch {
	case g.gathers && len(g.online()) < users && g.random.IntN(2) == 0:
		return g.gather()
	case len(g.conns) < users && g.random.IntN(3) == 0:
		return g.open()
	}
	return g.draw(g.mix.draw(g.random))
}

// gather brings a user who is missing.
func (g *generator) gather() (Step, bool) {
	online := g.online()
	for n, c := range g.conns {
		if !c.open || g.model.conns[n].over || g.userOn(n) >= 0 {
			continue
		}
		for user := range users {
			if !slices.Contains(online, user) {
				g.conns[n].user = user
				return Step{Do: Login, Conn: n, User: user, Claim: g.claim(user)}, g.weights.steps.of(Login) > 0
			}
		}
	}
	return g.open()
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
	case Handshake:
		return Step{Do: do, Kind: pick(g.random, handshakeKinds)}, g.weights.transports.of(wire.WS) > 0
	}
	n, ok := g.connectionFor(do)
	if !ok {
		return Step{}, false
	}
	if len(g.online()) == 0 && g.weights.steps.of(Login) > 0 && g.random.IntN(4) > 0 {
		do = Login // without anybody there is little to see
	}
	s := Step{Do: do, Conn: n, User: max(0, g.conns[n].user)}
	switch do {
	case Login:
		s.User, s.Code = g.whoLogsIn(), pick(g.random, verdicts)
		if !g.abilities.Verdicts {
			s.Code = 0
		}
		s.Claim = g.claim(s.User)
		g.conns[n].user = s.User
	case Data:
		return g.data(s), true
	case Copy, ACK:
		return g.again(s)
	case Bytes:
		s.Text = pick(g.random, bodies)
	case Frame:
		s.Kind, s.Text = pick(g.random, frameKinds[g.conns[n].on]), pick(g.random, contents)
		if s.Kind == halfFrame {
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
	on := g.weights.transports.draw(g.random)
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

// whoLogsIn draws the user of a login: one who is not online, or anyone.
func (g *generator) whoLogsIn() int {
	user := g.random.IntN(users)
	if online := g.online(); g.random.IntN(2) == 0 && slices.Contains(online, user) {
		for other := range users {
			if !slices.Contains(online, other) {
				return other
			}
		}
	}
	return user
}

// claim draws the first login time of a login: who comes back mostly has their own.
func (g *generator) claim(user int) Claim {
	if g.model.given[g.script.cast.user(user)] == 0 {
		return NoClaim
	}
	return pick(g.random, []Claim{NoClaim, NoClaim, Own, Own, Own, Earlier, Later})
}

// userOn is the user who is logged in on a connection, or -1.
func (g *generator) userOn(n int) int {
	if c := g.model.conns[n]; !c.over && c.session != nil && c.session.LoggedIn() {
		return g.conns[n].user
	}
	return -1
}

// online lists the users who are logged in, by connection.
func (g *generator) online() (all []int) {
	for n := range g.conns {
		if user := g.userOn(n); user >= 0 {
			all = append(all, user)
		}
	}
	return all
}

// receiver is whom data goes to.
func (g *generator) receiver() int {
	switch online := g.online(); g.weights.receivers.draw(g.random) {
	case toServer:
		return ToServer
	case toNobody:
		return ToNobody
	case toOnline:
		if len(online) > 0 {
			return pick(g.random, online)
		}
	}
	return g.random.IntN(users)
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

// someone is a user, mostly one who is logged in.
func (g *generator) someone() int {
	if online := g.online(); len(online) > 0 && g.random.IntN(4) > 0 {
		return pick(g.random, online)
	}
	return g.random.IntN(users)
}

func (g *generator) fromApplication(do Action) (Step, bool) {
	if !g.abilities.Control || len(g.conns) == 0 {
		return Step{}, false
	}
	s := Step{Do: do, To: g.someone()}
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

// connectionFor draws the connection of an action: mostly one that is alive, for a login
// one without a user, and for anything else one with a user.
func (g *generator) connectionFor(do Action) (n int, ok bool) {
	var open, alive, fitting []int
	for i, c := range g.conns {
		if !c.open {
			continue
		}
		open = append(open, i)
		if g.model.conns[i].over {
			continue
		}
		alive = append(alive, i)
		if (g.userOn(i) < 0) == (do == Login) {
			fitting = append(fitting, i)
		}
	}
	switch {
	case len(open) == 0:
		return 0, false
	case len(fitting) > 0 && g.random.IntN(5) > 0:
		return pick(g.random, fitting), true
	case len(alive) > 0 && g.random.IntN(10) > 0:
		return pick(g.random, alive), true
	}
	return pick(g.random, open), true
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }
