package target

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"

	"imcheck/harness/broker"
	"imcheck/harness/broker/rabbitmq"
	"imcheck/harness/strictyaml"
	"imcheck/harness/transport/impair"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/versions"
	"imcheck/protocol/wire"
)

// profileChecker makes a Profile of a file.
type profileChecker struct{ *strictyaml.Reader }

func (c profileChecker) check(file profileFile) *Profile {
	c.RejectEmpty()
	p := &Profile{
		Name:         file.Name,
		Version:      file.Implementation.Version,
		Organization: file.Implementation.Organization,
		URL:          c.link(file.Implementation.URL),
		Addresses:    file.Addresses.each(),
		Control:      file.Addresses.Control,
		TLS:          c.tls(file.TLS),
		Upgrade:      c.upgrade(file.WebSocket),
		Protocol:     c.protocol(file.Protocol),
		Modes:        c.modes(file.SenseModes),
		Tolerance:    c.PositiveDuration(file.Tolerance, 0, "tolerance"),
		Capabilities: c.capabilities(file.Capabilities),
		Conventions:  c.conventions(file),
		Users:        c.users(file.Users, file.Credentials.Accepted),
		Bridge:       c.bridge(file.Bridge),
		Impair:       c.impair(file.Impair),
		Recipe:       c.launch(file.Launch),
	}
	c.addresses(p)
	if file.TLS != nil {
		p.TLSOn[wire.TCP], p.TLSOn[wire.WS] = file.TLS.TCP, file.TLS.WS
		if err := (&Target{Addresses: p.Addresses}).SetTLS(p.TLS, p.TLSOn); err != nil {
			c.Reject(err, "tls")
		}
	}
	if p.Addresses == [len(wire.Transports)]string{} && p.Recipe == nil {
		c.Reject(errors.New("name at least one of udp, tcp and ws, or say under launch how to start the server"), "addresses")
	}
	return p
}

// link reads the address of the page about an implementation, which reports link to.
func (c profileChecker) link(text string) string {
	if text == "" {
		return ""
	}
	if u, err := url.Parse(text); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		c.Reject(fmt.Errorf("%q is not the address of a page, such as https://im.example/server", text), "implementation", "url")
	}
	return text
}

// protocol reads the version of the protocol that the server is judged by, which has to be
// known.
func (c profileChecker) protocol(text string) versions.Version {
	if text == "" {
		return ""
	}
	v, err := versions.Parse(text)
	if err != nil {
		c.Reject(err, "protocol")
	}
	return v
}

func (c profileChecker) modes(file byTransport[string]) (modes timing.Modes) {
	for i, name := range file.each() {
		if kind := wire.Transport(i); name != "" {
			modes[kind] = c.mode(kind, name, "senseModes", kind.String())
		}
	}
	return modes
}

// mode reads a sense mode that has to exist on a transport.
func (c profileChecker) mode(kind wire.Transport, name string, keys ...string) timing.SenseMode {
	modes, err := timing.ParseModes(kind.String()+"="+name, []wire.Transport{kind})
	if err != nil {
		c.Reject(err, keys...)
		return 0
	}
	return modes[kind]
}

func (c profileChecker) capabilities(names []string) (declared controlapi.Capabilities) {
	allowed := controlapi.Declarable()
	for i, name := range names {
		if !allowed.Has(controlapi.Capability(name)) {
			c.Reject(fmt.Errorf("capability %q cannot be declared: use %s; the others need a control API, which lists them itself", name, allowed),
				"capabilities", strconv.Itoa(i))
		}
		declared = append(declared, controlapi.Capability(name))
	}
	return declared
}

// bridge reads the URL of a broker.
func (c profileChecker) bridge(text string) broker.Broker {
	if text == "" {
		return nil
	}
	b, err := rabbitmq.Parse(text)
	if err != nil {
		c.Reject(err, "bridge")
		return nil
	}
	return b
}

// impair refuses specs that cannot be parsed.
func (c profileChecker) impair(specs []string) []string {
	_, _, err := impair.Parse(specs)
	if mistake, ok := errors.AsType[*impair.SpecError](err); ok {
		c.Reject(err, "impair", strconv.Itoa(mistake.Index))
	}
	return specs
}

func (c profileChecker) conventions(file profileFile) Conventions {
	conventions := Conventions{
		AcceptedToken: file.Credentials.Accepted, OfflinePrefix: file.OfflinePrefix, VetoPrefix: file.VetoPrefix,
		MaxMessages: file.LargestMessages.each(),
	}
	if file.Credentials.Refused != nil && len(file.Credentials.Refused) == 0 {
		c.Reject(errors.New("the list is empty: name a token that is refused, or leave the key out"), "credentials", "refused")
	}
	for i, refused := range file.Credentials.Refused {
		if refused.Token == "" || refused.Code == 0 {
			c.Reject(errors.New("a refused token needs token and code, and the code cannot be 0"), "credentials", "refused", strconv.Itoa(i))
		}
		conventions.RefusedTokens = append(conventions.RefusedTokens, RefusedToken{refused.Token, wire.Code(refused.Code)})
	}
	for i, size := range conventions.MaxMessages {
		if size == 0 {
			continue
		}
		if err := checkLargest(wire.Transport(i), size); err != nil {
			c.Reject(err, "largestMessages", wire.Transport(i).String())
		}
	}
	return conventions
}

func (c profileChecker) launch(file *profileLaunch) *Recipe {
	if file == nil {
		return nil
	}
	recipe := &Recipe{
		Command:      file.Command,
		StartTimeout: c.PositiveDuration(file.StartTimeout, defaultStartTimeout, "launch", "startTimeout"),
		StopTimeout:  c.PositiveDuration(file.StopTimeout, defaultStopTimeout, "launch", "stopTimeout"),
	}
	if file.Ready != "" {
		var err error
		if recipe.Ready, err = regexp.Compile(file.Ready); err != nil {
			c.Reject(err, "launch", "ready")
		}
	}
	for i, names := range file.SenseModes.each() {
		kind := wire.Transport(i)
		for j, name := range names {
			recipe.Modes[kind] = append(recipe.Modes[kind], c.mode(kind, name, "launch", "senseModes", kind.String(), strconv.Itoa(j)))
		}
	}
	if at, err := recipe.check(); err != nil {
		c.Reject(err, append([]string{"launch"}, at...)...)
	}
	return recipe
}
