package impair

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"imcheck/protocol/wire"
)

// Grammar describes a spec in one line, for help and error texts.
const Grammar = "[TRANSPORTS] [in|out]: KEY=VALUE, ... with the keys drop, duplicate and reorder (5%, udp only), delay and jitter (50ms), stall (1s/10s: 1 s in every 10 s, tcp and ws only) and seed (7)"

// The largest values of a spec. A longer delay would look like a server that does not
// answer.
const (
	maxDelay  = 10 * time.Second
	maxPeriod = time.Hour
)

// SpecError reports what is wrong with one of several specs.
type SpecError struct {
	Index  int // index in the spec, from 0
	Spec   string
	Reason string // and what to write instead
}

func (e *SpecError) Error() string { return fmt.Sprintf("%q: %s", e.Spec, e.Reason) }

// Parse parses specs such as "udp in: drop=5%, delay=50ms". For the same transport,
// direction and key, a later spec overrides an earlier one. notes name the keys that
// were given for all transports but do not exist on all. The error is a *SpecError.
func Parse(specs []string) (p Policy, notes []string, err error) {
	keys := false
	touched := [len(wire.Transports)][len(Directions)]int{} // the latest spec of each path
	for i, text := range specs {
		s, err := parseSpec(text)
		if err == nil {
			err = s.addTo(&p)
		}
		if err != nil {
			return Policy{}, nil, &SpecError{i, text, err.Error()}
		}
		for _, note := range s.notes() {
			if !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
		keys = keys || len(s.settings) > 0
		for _, kind := range s.kinds {
			for _, d := range s.directions {
				touched[kind][d] = i
			}
		}
	}
	if len(specs) > 0 && !keys {
		return Policy{}, nil, &SpecError{len(specs) - 1, specs[len(specs)-1], "it impairs nothing: add a key such as drop=5% or delay=50ms"}
	}
	if at, err := p.checkJitter(touched); err != nil {
		return Policy{}, nil, &SpecError{at, specs[at], err.Error()}
	}
	return p, notes, nil
}

// CheckUsed refuses specs, which Parse takes, that say something of a transport that is not
// used, or that applies to none of those that are. The error is a *SpecError.
func CheckUsed(specs []string, used []wire.Transport) error {
	for i, text := range specs {
		s, err := parseSpec(text)
		if err == nil {
			err = s.checkUsed(used)
		}
		if err != nil {
			return &SpecError{i, text, err.Error()}
		}
	}
	return nil
}

func (s *spec) checkUsed(used []wire.Transport) error {
	for _, kind := range s.kinds {
		if !s.everywhere && !slices.Contains(used, kind) {
			return fmt.Errorf("%s is not used: leave it out, or use it", kind)
		}
	}
	for _, setting := range s.settings {
		if !slices.ContainsFunc(used, setting.on) {
			return fmt.Errorf("%s does not exist on %s: %s", setting.name, used[0], setting.elsewhere())
		}
	}
	return nil
}

// checkJitter refuses a jitter that would make a delay negative. The index is that of
// the latest spec for the path, as touched has it.
func (p *Policy) checkJitter(touched [len(wire.Transports)][len(Directions)]int) (index int, err error) {
	for _, kind := range wire.Transports {
		for _, d := range Directions {
			if i := p.Paths[kind][d]; i.Jitter > i.Delay {
				return touched[kind][d], fmt.Errorf("jitter=%v with delay=%v on %s: the delay varies by the jitter either way and cannot fall below 0; write delay=%v or more",
					i.Jitter, i.Delay, kind, i.Jitter)
			}
		}
	}
	return 0, nil
}

// spec is one parsed spec.
type spec struct {
	kinds      []wire.Transport
	everywhere bool // no transport was named
	directions []Direction
	settings   []setting
	seed       *int64
}

// setting is one key with its value.
type setting struct {
	*key
	value Impairment // zero except for what the key sets
}

// key is a key of the grammar, seed excepted.
type key struct {
	name     string
	datagram bool // exists on udp
	stream   bool // exists on tcp and ws
	parse    func(text string) (Impairment, error)
	set      func(to *Impairment, value Impairment)
}

var keys = []key{
	percentKey("drop", func(i *Impairment) *Percent { return &i.Drop }),
	percentKey("duplicate", func(i *Impairment) *Percent { return &i.Duplicate }),
	percentKey("reorder", func(i *Impairment) *Percent { return &i.Reorder }),
	durationKey("delay", func(i *Impairment) *time.Duration { return &i.Delay }),
	durationKey("jitter", func(i *Impairment) *time.Duration { return &i.Jitter }),
	{"stall", false, true,
		func(text string) (i Impairment, err error) { i.Stall, err = parseStall(text); return i, err },
		func(to *Impairment, value Impairment) { to.Stall = value.Stall }},
}

func percentKey(name string, field func(*Impairment) *Percent) key {
	return key{name, true, false,
		func(text string) (i Impairment, err error) { *field(&i), err = parsePercent(text); return i, err },
		func(to *Impairment, value Impairment) { *field(to) = *field(&value) }}
}

func durationKey(name string, field func(*Impairment) *time.Duration) key {
	return key{name, true, true,
		func(text string) (i Impairment, err error) { *field(&i), err = parseDelay(text); return i, err },
		func(to *Impairment, value Impairment) { *field(to) = *field(&value) }}
}

// on reports whether the key exists on a transport.
func (k *key) on(kind wire.Transport) bool {
	if kind.Connected() {
		return k.stream
	}
	return k.datagram
}

func parseSpec(text string) (s spec, err error) {
	where, list, found := strings.Cut(text, ":")
	if !found {
		where, list = "", text
	}
	if err := s.parseWhere(where); err != nil {
		return s, err
	}
	if found && len(s.kinds) == 0 && len(s.directions) == 0 {
		return s, fmt.Errorf("nothing comes before the colon: name transports or a direction there, or leave the colon out")
	}
	if len(s.kinds) == 0 {
		s.kinds, s.everywhere = wire.Transports[:], true
	}
	if len(s.directions) == 0 {
		s.directions = Directions[:]
	}
	return s, s.parseSettings(list)
}

// parseWhere parses the part before the colon.
func (s *spec) parseWhere(text string) error {
	separator := func(r rune) bool { return r == ' ' || r == ',' }
	for _, word := range strings.FieldsFunc(text, separator) {
		kind, err := wire.ParseTransport(word)
		switch {
		case word == In.String():
			s.directions = append(s.directions, In)
		case word == Out.String():
			s.directions = append(s.directions, Out)
		case err == nil:
			s.kinds = append(s.kinds, kind)
		default:
			return fmt.Errorf("%q is neither a transport nor a direction: write udp, tcp, ws, in or out before the colon", word)
		}
	}
	return nil
}

// parseSettings parses the part after the colon.
func (s *spec) parseSettings(text string) error {
	seen := map[string]bool{}
	for item := range strings.SplitSeq(text, ",") {
		name, value, found := strings.Cut(strings.TrimSpace(item), "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case name == "" && !found:
			return fmt.Errorf("a key is missing: write KEY=VALUE, with a comma between two of them")
		case seen[name]:
			return fmt.Errorf("%s is given twice: give it once", name)
		}
		seen[name] = true
		if err := s.parseSetting(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (s *spec) parseSetting(name, value string) error {
	if name == "seed" {
		seed, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return fmt.Errorf("seed=%s: write a whole number, such as seed=7", value)
		}
		s.seed = &seed
		return nil
	}
	at := slices.IndexFunc(keys, func(k key) bool { return k.name == name })
	if at < 0 {
		return fmt.Errorf("unknown key %q: use drop, duplicate, reorder, delay, jitter, stall or seed", name)
	}
	k := &keys[at]
	impairment, err := k.parse(value)
	if err != nil {
		return fmt.Errorf("%s=%s: %w, such as %s=%s", name, value, err, name, k.example())
	}
	for _, kind := range s.kinds {
		if !s.everywhere && !k.on(kind) {
			return fmt.Errorf("%s does not exist on %s: %s", name, kind, k.elsewhere())
		}
	}
	s.settings = append(s.settings, setting{k, impairment})
	return nil
}

// example returns a valid value of the key.
func (k *key) example() string {
	switch {
	case !k.stream:
		return "5%"
	case !k.datagram:
		return "1s/10s"
	}
	return "50ms"
}

// elsewhere returns what to write in place of a key that a transport does not have.
func (k *key) elsewhere() string {
	if k.stream {
		return "a datagram does not hold up the next one; name tcp or ws, or use delay"
	}
	return "a byte stream loses and reorders nothing; name udp, or use delay, jitter or stall"
}

// addTo applies the settings to a policy.
func (s *spec) addTo(p *Policy) error {
	if s.seed != nil {
		if p.Seeded && p.Seed != *s.seed {
			return fmt.Errorf("seed=%d: another spec has seed=%d; give one seed, which is that of all specs", *s.seed, p.Seed)
		}
		p.Seed, p.Seeded = *s.seed, true
	}
	for _, setting := range s.settings {
		for _, kind := range s.kinds {
			for _, d := range s.directions {
				if setting.on(kind) {
					setting.set(&p.Paths[kind][d], setting.value)
				}
			}
		}
	}
	return nil
}

// notes name the keys that do not exist on all transports although none was named.
func (s *spec) notes() (notes []string) {
	for _, setting := range s.settings {
		switch {
		case !s.everywhere || setting.stream && setting.datagram:
		case setting.datagram:
			notes = append(notes, fmt.Sprintf("%s applies to udp only: tcp and ws are byte streams, which lose and reorder nothing", setting.name))
		default:
			notes = append(notes, fmt.Sprintf("%s applies to tcp and ws only: a datagram does not hold up the next one", setting.name))
		}
	}
	return notes
}

// parsePercent parses digits and a percent sign, without which 0.1 would be ambiguous.
func parsePercent(text string) (Percent, error) {
	number, found := strings.CutSuffix(text, "%")
	plain := strings.IndexFunc(number, func(r rune) bool { return (r < '0' || r > '9') && r != '.' }) < 0
	value, err := strconv.ParseFloat(number, 64)
	if !found || !plain || err != nil || value > 100 {
		return 0, fmt.Errorf("write a percentage from 0%% to 100%%")
	}
	return Percent(value), nil
}

func parseDelay(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > maxDelay {
		return 0, fmt.Errorf("write a time from 0s to %v", maxDelay)
	}
	return d, nil
}

// parseStall parses a length and a period. A length of 0 never stalls.
func parseStall(text string) (Stall, error) {
	length, period, found := strings.Cut(text, "/")
	l, err := parseDelay(strings.TrimSpace(length))
	p, err2 := time.ParseDuration(strings.TrimSpace(period))
	if !found || err != nil || err2 != nil || p <= l || p > maxPeriod {
		return Stall{}, fmt.Errorf("write how long it stalls (up to %v), a slash, and how often, which has to be longer (up to %v)", maxDelay, maxPeriod)
	}
	if l == 0 {
		return Stall{}, nil
	}
	return Stall{l, p}, nil
}
