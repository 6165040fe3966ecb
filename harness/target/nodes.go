package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// Resolver finds the addresses of a name, as *net.Resolver does.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Nodes returns every address of a transport: those of its hosts in the order in which
// they were named, each once. The error is that of the resolver, when there is none at all.
func (t *Target) Nodes(ctx context.Context, kind wire.Transport) ([]transport.Node, error) {
	a, err := ParseAddress(kind, t.Addresses[kind])
	if err != nil {
		return nil, err
	}
	var nodes []transport.Node
	var failures []error
	known := map[netip.AddrPort]bool{}
	for _, host := range a.Hosts {
		found, err := t.resolve(ctx, host.Dial)
		if err != nil {
			failures = append(failures, err)
		}
		for _, at := range found {
			if !known[at] {
				known[at] = true
				nodes = append(nodes, transport.Node{Host: host.Name, At: at})
			}
		}
	}
	if len(nodes) == 0 {
		return nil, errors.Join(failures...)
	}
	return nodes, nil
}

// resolve returns the addresses of host:port.
func (t *Target) resolve(ctx context.Context, address string) ([]netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	if literal, err := netip.ParseAddr(host); err == nil {
		return []netip.AddrPort{netip.AddrPortFrom(literal.Unmap(), uint16(number))}, nil
	}
	found, err := t.resolver().LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("the name %s has no address: %w", host, err)
	}
	var addresses []netip.AddrPort
	for _, a := range found {
		addresses = append(addresses, netip.AddrPortFrom(a.Unmap(), uint16(number)))
	}
	return addresses, nil
}

func (t *Target) resolver() Resolver {
	if t.Resolver != nil {
		return t.Resolver
	}
	return net.DefaultResolver
}

// named reports whether an address of a transport is a name, which may come to have other
// addresses.
func (t *Target) named(kind wire.Transport) bool {
	a, err := ParseAddress(kind, t.Addresses[kind])
	for _, host := range a.Hosts {
		if _, literal := netip.ParseAddrPort(host.Dial); literal != nil {
			return err == nil
		}
	}
	return false
}

// Options returns the options of a connection to a node.
func (t *Target) Options(kind wire.Transport, node transport.Node) transport.Options {
	o := transport.Options{TLS: t.TLS[kind], Host: node.Host}
	if kind == wire.WS {
		o.Upgrade = t.UpgradeRequest()
	}
	return o
}

// Node returns the address that connections to a transport are made to: the one that
// Discover has found to answer; without that the first one as it was written.
func (t *Target) Node(kind wire.Transport) (dial string, node transport.Node, err error) {
	if len(t.answering[kind]) > 0 {
		node = t.answering[kind][0]
		return node.At.String(), node, nil
	}
	a, err := ParseAddress(kind, t.Addresses[kind])
	if err != nil {
		return "", node, err
	}
	return a.Hosts[0].Dial, transport.Node{Host: a.Hosts[0].Name}, nil
}

// Host returns the name by which a request calls the server that connections to a
// transport are made to.
func (t *Target) Host(kind wire.Transport) string {
	_, node, _ := t.Node(kind) // a bad address has no name, and cannot be dialed
	return node.Host
}

// silentNode is an address that does not answer.
type silentNode struct {
	node transport.Node
	err  error
}

// findNodes asks every address of a transport at the same time, and keeps those that
// answer, and what became of the others.
func (t *Target) findNodes(ctx context.Context, kind wire.Transport, wait time.Duration) error {
	lookup, cancel := context.WithTimeout(ctx, wait)
	nodes, err := t.Nodes(lookup, kind)
	cancel()
	if err != nil {
		return t.unreachable(kind, err)
	}
	failures := make([]error, len(nodes))
	var probing sync.WaitGroup
	for i, node := range nodes {
		probing.Go(func() { failures[i] = t.probe(ctx, kind, node.At.String(), node, wait, true) })
	}
	probing.Wait()
	t.answering[kind], t.silent[kind] = nil, nil
	for i, node := range nodes {
		if failures[i] == nil {
			t.answering[kind] = append(t.answering[kind], node)
		} else {
			t.silent[kind] = append(t.silent[kind], silentNode{node, failures[i]})
		}
	}
	if len(t.answering[kind]) > 0 {
		return nil
	}
	if len(nodes) > 1 {
		for i, node := range nodes {
			failures[i] = fmt.Errorf("%s: %w", node.At, failures[i])
		}
	}
	return t.unreachable(kind, joinLine(failures))
}

// Reached returns the addresses of a transport that Discover has found to answer, in the
// order of Nodes.
func (t *Target) Reached(kind wire.Transport) []transport.Node { return t.answering[kind] }

// InUse lists the addresses of a transport that a run uses, all that have answered or only
// the first, for a report; "" where that is the address as it was written.
func (t *Target) InUse(kind wire.Transport, all bool) string {
	var list []string
	for _, node := range t.answering[kind] {
		if list = append(list, node.At.String()); !all {
			break
		}
	}
	if !t.named(kind) && len(list)+len(t.silent[kind]) <= 1 {
		return ""
	}
	return strings.Join(list, ", ")
}

// Notes returns which addresses a run uses, and which do not answer: a line for each
// transport whose address is a name or a list, and one for certificates that are not checked.
func (t *Target) Notes(all bool) (notes []string) {
	for _, kind := range t.Transports() {
		if t.InUse(kind, all) == "" {
			continue
		}
		note := fmt.Sprintf("%s %s: using %s", kind, t.Shown(kind), t.InUse(kind, all))
		for _, s := range t.silent[kind] {
			note += fmt.Sprintf("; %s does not answer: %v", s.node.At, s.err)
		}
		notes = append(notes, note)
	}
	for _, kind := range t.Unverified() {
		notes = append(notes, fmt.Sprintf("%s: the certificate of the server is not checked (insecure)", kind))
	}
	return notes
}

// lineErrors are several errors on one line.
type lineErrors []error

// joinLine joins errors on one line.
func joinLine(all []error) error {
	if len(all) == 1 {
		return all[0]
	}
	return lineErrors(all)
}

func (e lineErrors) Error() string {
	text := ""
	for i, err := range e {
		if i > 0 {
			text += "; "
		}
		text += err.Error()
	}
	return text
}

// Unwrap returns the errors.
func (e lineErrors) Unwrap() []error { return e }
