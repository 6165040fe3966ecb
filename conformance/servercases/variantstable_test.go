package servercases_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"imcheck/conformance/internal/casestest"
	"imcheck/reference-server/variants"
	"imcheck/reports"
)

// documentedVariant holds what docs/variants.md says about a variant besides what the
// server says of itself.
type documentedVariant struct {
	anchor string // anchor of the freedom or requirement in docs/protocol.md; "" where it says nothing
	warns  string // IDs of the SHOULD cases that warn of the variant, "" for none
}

// documentedVariants has every variant: no SHOULD case warns but those named here.
var documentedVariants = map[string]documentedVariant{
	"answers-late":               {"", ""},
	"answers-uneven":             {"", ""},
	"deliveries-late":            {"", ""},
	"deliveries-uneven":          {"", ""},
	"ack-before-delivery":        {"freedom-delivery-order", ""},
	"ack-after-delivery":         {"freedom-ack-order", ""},
	"ack-uneven":                 {"freedom-ack-order", ""},
	"events-late":                {"freedom-events", ""},
	"events-uneven":              {"freedom-events", ""},
	"events-early":               {"freedom-events", ""},
	"events-in-bursts":           {"freedom-events", ""},
	"kick-and-close-apart":       {"kicked-closed", ""},
	"close-late":                 {"server-closes", ""},
	"registration-late":          {"freedom-response-first", ""},
	"registered-before-response": {"freedom-response-first", ""},
	"keep-alive-overtakes":       {"freedom-keep-alive-early", ""},
	"replaced-reported":          {"freedom-replaced-reported", ""},
	"takeover-lost":              {"freedom-takeover-lost", ""},
	"end-late":                   {"freedom-late-list", ""},
	"online-list-stale":          {"freedom-late-list", ""},
	"close-frames-two":           {"freedom-close-frames", ""},
	"close-frame-1000-only":      {"ws-close-violation", ""},
	"close-reset":                {"freedom-reset", ""},
	"reserved-bits-ignored":      {"ws-reserved-bits", ""},
	"bytes-one-by-one":           {"freedom-split", ""},
	"writes-split-odd":           {"freedom-split", ""},
	"writes-joined":              {"freedom-split", ""},
	"datagrams-lost":             {"freedom-udp-loses", ""},
	"datagrams-doubled":          {"freedom-udp-loses", ""},
	"datagrams-reordered":        {"freedom-udp-loses", ""},
	"datagrams-late":             {"freedom-udp-loses", ""},
	"deaf-after-end":             {"freedom-deaf-moment", ""},
	"retransmission-earliest":    {"retransmitted", ""},
	"retransmission-latest":      {"retransmitted", ""},
	"retransmission-uneven":      {"retransmitted", ""},
	"acks-missed":                {"freedom-ack-missed", ""},
	"expiry-late":                {"freedom-late", ""},
	"from-unchecked":             {"c2c-from", "qos/c2c-forged-from-refused qos/c2s-forged-from-refused"},
	"forged-from-silent":         {"c2c-from", ""},
	"forged-from-closed":         {"c2c-from", ""},
	"kicked-datagram-stays":      {"kicked-datagram", "kick/replaced-datagram-session-ended kick/administrator-ends-datagram-session"},
	"bad-datagram-ends":          {"bad-datagram", "message/bad-datagram-ignored message/empty-datagram-ignored"},
	"fragments-refused":          {"ws-fragments", "framing/ws-fragmented-accepted"},
	"fragments-as-messages":      {"ws-fragments", "framing/ws-fragmented-accepted framing/ws-fragment-no-message"},
	"other-paths-mute":           {"ws-other-paths", "framing/ws-other-path-answered framing/ws-path-with-query-answered"},
	"query-refused":              {"ws-other-paths", ""},
	"nameless-c2c-untold":        {"freedom-nameless", ""},
	"nameless-c2c-dropped":       {"freedom-nameless-refused", ""},
	"nameless-c2c-closed":        {"freedom-nameless-refused", ""},
	"receiverless-dropped":       {"freedom-receiverless-kept", ""},
	"receiverless-offline":       {"freedom-receiverless-kept", ""},
	"former-user-forgotten":      {"freedom-former-user-gone", ""},
	"former-user-stays":          {"freedom-former-user", ""},
	"logout-before-login-stays":  {"freedom-early-logout-ignored", ""},
}

// warned lists the SHOULD cases that warn of a variant.
func warned(v variants.Variant) []string { return strings.Fields(documentedVariants[v.Name].warns) }

// What the document says of variants is of those that there are, and of cases that
// can warn.
func TestDocumentedVariantsExist(t *testing.T) {
	known := map[string]bool{}
	for _, v := range variants.All() {
		known[v.Name] = true
		if _, documented := documentedVariants[v.Name]; !documented {
			t.Errorf("documentedVariants has no %s", v.Name)
		}
		if warns := len(warned(v)) > 0; warns && !v.FallsShort {
			t.Errorf("%s: cases warn of it, but it takes no choice that a SHOULD advises against", v.Name)
		}
		for _, id := range warned(v) {
			if c := caseByID(t, id); c.Level != reports.Should {
				t.Errorf("%s: %s is a %s case, which never warns", v.Name, id, c.Level)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(documentedVariants)) {
		if !known[name] {
			t.Errorf("the server has no variant %s any more", name)
		}
	}
}

func TestVariantsAreDocumented(t *testing.T) {
	casestest.CheckDocument(t, "servercases", "variants.md", variantsDocument())
}

func variantsDocument() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, variantsPreface, len(variants.All()), allCombinations, allCombinations-1, someCombinations)
	for _, v := range variants.All() {
		freedom, lost := v.Freedom, ""
		if anchor := documentedVariants[v.Name].anchor; anchor != "" {
			freedom = fmt.Sprintf("[%s](protocol.md#%s)", freedom, anchor)
		}
		if v.Loses {
			lost = "yes"
		}
		warns := ""
		for _, id := range warned(v) {
			warns += "`" + id + "` "
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", v.Name, freedom, v.Does, lost, strings.TrimSpace(warns))
	}
	return b.Bytes()
}

const variantsPreface = `# Variants

Each variant of the reference server (` + "`imcheck serve --variant NAME`" + `) keeps the
protocol and uses a freedom that it leaves ([§7](protocol.md#section-7)), or takes a choice
that a SHOULD advises against. They are the dual of the [mutants](mutants.md): a mutant has to
fail a case, and a case that fails against a variant accuses a healthy server.

The whole catalogue is run in virtual time against each of the %d variants (with the
seed 1), and against %d combinations of two to five variants drawn at random, with
the seeds 0 to %d (` + "`make thorough`; `make test`" + ` has the first %d). No case
fails. A SHOULD case warns only where the table says so. A case may be inconclusive only with a variant that loses, doubles or reorders datagrams.

Tolerance must not cost sharpness, so each fault of the reference server is given to a
server with three random variants too: the case that names the broken rule notices it there
as well. Which three follows from the name of the fault.

Variants can be combined: their delays do not add up, and none is over a second. What a variant
draws at random comes from ` + "`--variant-seed`" + `.

This file is written by ` + "`go test ./conformance/servercases -run Documented -update`" + `.

| variant | freedom | what the server does | datagrams lost, doubled or reordered | warned of by |
|---|---|---|---|---|
`
