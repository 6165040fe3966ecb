package explore

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"imcheck/harness/strictyaml"
	"imcheck/protocol/wire"
)

// ExampleWeights is a file of weights in which every name is explained, with the weights
// that count unless a file says otherwise.
//
//go:embed weights.yaml
var ExampleWeights []byte

// actions lists what can be drawn.
var actions = []Action{Open, Login, KeepAlive, Echo, Data, Copy, ACK, Logout, Bytes, Close, Push, Kick, Wait, Frame, Handshake}

// Whom data is for.
const (
	toOnline = "online"
	toUser   = "user"
	toServer = "server"
	toNobody = "nobody"
)

// maxWeight bounds a weight.
const maxWeight = 1000

// Weights say how often each thing is drawn, against the others of its group.
type Weights struct {
	steps      weighted[Action]
	receivers  weighted[string]
	transports weighted[wire.Transport]
}

// weighted lists things with their weights, in an order of their own: a seed draws the
// same every time.
type weighted[T comparable] []weight[T]

type weight[T comparable] struct {
	what   T
	weight int
}

func (w weighted[T]) of(what T) int {
	for _, one := range w {
		if one.what == what {
			return one.weight
		}
	}
	return 0
}

// total is over 0 when anything can be drawn.
func (w weighted[T]) total() (n int) {
	for _, one := range w {
		n += one.weight
	}
	return n
}

func (w weighted[T]) draw(random *rand.Rand) T {
	n := random.IntN(w.total())
	for _, one := range w {
		if n -= one.weight; n < 0 {
			return one.what
		}
	}
	return w[0].what // not reached
}

// only leaves nothing but what keep says.
func (w weighted[T]) only(keep func(T) bool) weighted[T] {
	w = slices.Clone(w)
	for i := range w {
		if !keep(w[i].what) {
			w[i].weight = 0
		}
	}
	return w
}

// weightsForm is a file of weights as it is written.
type weightsForm struct {
	Steps      map[string]int `yaml:"steps"`
	Receivers  map[string]int `yaml:"receivers"`
	Transports map[string]int `yaml:"transports"`
}

// DefaultWeights are those of ExampleWeights.
func DefaultWeights() Weights {
	w, err := parseWeights("", ExampleWeights, Weights{})
	if err != nil {
		panic(err) // a test reads it
	}
	return w
}

// ReadWeights reads a file of weights. What it leaves out is as in DefaultWeights. The
// error is a *strictyaml.FileError.
func ReadWeights(path string) (Weights, error) {
	text, err := strictyaml.ReadFile(path, "the weights")
	if err != nil {
		return Weights{}, err
	}
	return parseWeights(path, text, DefaultWeights())
}

func parseWeights(path string, text []byte, byDefault Weights) (Weights, error) {
	var read weightsForm
	r, err := strictyaml.Read(path, text, &read, "weights are those of steps, receivers and transports")
	if err != nil {
		return Weights{}, err
	}
	if r.Root == nil {
		return Weights{}, &strictyaml.FileError{Path: path, Reason: "the file is empty"}
	}
	r.RejectEmpty()
	w := Weights{
		steps:      group(r, "steps", read.Steps, byDefault.steps, actions, func(a Action) string { return string(a) }),
		receivers:  group(r, "receivers", read.Receivers, byDefault.receivers, []string{toOnline, toUser, toServer, toNobody}, func(s string) string { return s }),
		transports: group(r, "transports", read.Transports, byDefault.transports, wire.Transports[:], wire.Transport.String),
	}
	if w.steps.of(Open) == 0 {
		r.Reject(fmt.Errorf("open: nothing happens without a connection"), "steps")
	}
	if err := r.Err(); err != nil {
		return Weights{}, err
	}
	return w, nil
}

// group reads the weights of a group.
func group[T comparable](r *strictyaml.Reader, key string, read map[string]int, byDefault weighted[T], all []T, name func(T) string) (w weighted[T]) {
	var names []string
	for _, what := range all {
		n, given := read[name(what)]
		switch {
		case !given:
			n = byDefault.of(what)
		case n < 0 || n > maxWeight:
			r.Reject(fmt.Errorf("a weight is from 0 to %d, and not %d", maxWeight, n), key, name(what))
		}
		w, names = append(w, weight[T]{what, n}), append(names, name(what))
	}
	for given := range read {
		if !slices.Contains(names, given) {
			r.Reject(fmt.Errorf("there is no %q: use %s", given, strings.Join(names, ", ")), key, given)
		}
	}
	if w.total() <= 0 {
		r.Reject(fmt.Errorf("all weights are 0: nothing could be drawn"), key)
	}
	return w
}

// area is a part of the protocol that exploring can be bounded to.
type area struct {
	name      string
	steps     []Action
	receivers []string // of data; nil for all
}

// areas lists them. What leads to every state is drawn in all of them: connections,
// logins and waits.
var areas = []area{
	{"login", []Action{Logout, Close}, nil},
	{"heartbeat", []Action{KeepAlive, Echo}, nil},
	{"qos", []Action{Data, Copy, ACK, Push}, nil},
	{"c2s", []Action{Data, Copy}, []string{toServer}},
	{"c2c", []Action{Data, Copy, ACK}, []string{toOnline, toUser, toNobody}},
	{"s2c", []Action{Push, ACK}, nil},
	{"kick", []Action{Kick}, nil},
	{"message", []Action{Bytes, Echo}, nil},
	{"framing", []Action{Frame, Handshake}, nil},
}

// Areas lists the names that Only takes: parts of the protocol, and transports.
func Areas() (names []string) {
	for _, a := range areas {
		names = append(names, a.name)
	}
	for _, on := range wire.Transports {
		names = append(names, on.String())
	}
	return names
}

// Only bounds what is drawn to some areas, and to some transports when any is named. The
// error names an area that does not exist, or says that nothing is left to draw.
func (w Weights) Only(named []string) (Weights, error) {
	var steps []Action
	var receivers []string
	var transports []wire.Transport
	anyone := false // data is for
	for _, name := range named {
		if on, err := wire.ParseTransport(name); err == nil {
			transports = append(transports, on)
			continue
		}
		i := slices.IndexFunc(areas, func(a area) bool { return a.name == name })
		if i < 0 {
			return w, fmt.Errorf("there is no area %q: use %s", name, strings.Join(Areas(), ", "))
		}
		steps, receivers = append(steps, areas[i].steps...), append(receivers, areas[i].receivers...)
		anyone = anyone || areas[i].receivers == nil && slices.Contains(areas[i].steps, Data)
	}
	if len(steps) > 0 {
		steps = append(steps, Open, Login, Wait)
		w.steps = w.steps.only(func(a Action) bool { return slices.Contains(steps, a) })
	}
	if len(receivers) > 0 && !anyone {
		w.receivers = w.receivers.only(func(r string) bool { return slices.Contains(receivers, r) })
	}
	if len(transports) > 0 {
		w.transports = w.transports.only(func(on wire.Transport) bool { return slices.Contains(transports, on) })
	}
	if w.receivers.total() == 0 && w.steps.of(Data) > 0 || w.transports.total() == 0 {
		return w, fmt.Errorf("%s: the weights leave nothing to draw there", strings.Join(named, ","))
	}
	return w, nil
}

// on bounds what is drawn to the transports that a target serves. The error says that
// there is none.
func (w Weights) on(served []wire.Transport) (Weights, error) {
	w.transports = w.transports.only(func(on wire.Transport) bool { return slices.Contains(served, on) })
	if w.transports.total() == 0 {
		return w, fmt.Errorf("the weights leave no transport that the target serves")
	}
	return w, nil
}
