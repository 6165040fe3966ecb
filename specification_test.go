package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"imcheck/conformance/suite"
	"imcheck/fixtures"
)

// The documents that specify what servers and clients are held to.
const (
	protocolDocument  = "docs/protocol.md"
	contractsDocument = "docs/contracts.md"
)

// specified is the set of citable things of a document.
type specified struct {
	sections     []string // headings that begin with §, without the marks
	anchors      map[string]bool
	requirements []suite.Requirement // sentences outside of §7 and §8, without backticks
}

var (
	heading  = regexp.MustCompile(`^#+ (.*)$`)
	anchor   = regexp.MustCompile(`<a id="([^"]*)"></a>`)
	sentence = regexp.MustCompile(`^- <a id="([^"]*)"></a>(.*)$`)
)

// readSpecification reads a document, and refuses anchors that are doubled or no
// plain words, and headings without the anchor that their text gives.
func readSpecification(t *testing.T, path string) specified {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(path))
	if err != nil {
		t.Fatal(err)
	}
	s := specified{anchors: map[string]bool{}}
	section, previous := "", ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		for _, found := range anchor.FindAllStringSubmatch(line, -1) {
			if s.anchors[found[1]] || !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(found[1]) {
				t.Errorf("%s: anchor %q is there twice, or has other characters than a-z, 0-9 and -", path, found[1])
			}
			s.anchors[found[1]] = true
		}
		if found := heading.FindStringSubmatch(line); found != nil {
			section = found[1]
			if strings.HasPrefix(section, "§") {
				s.sections = append(s.sections, section)
				if want := fmt.Sprintf(`<a id="%s"></a>`, sectionAnchor(line)); previous != want {
					t.Errorf("%s: above %q is %q, want %s", path, line, previous, want)
				}
			}
		}
		if found := sentence.FindStringSubmatch(line); found != nil && !strings.HasPrefix(section, "§7") && !strings.HasPrefix(section, "§8") {
			s.requirements = append(s.requirements, suite.Requirement{ID: found[1], Section: section, Text: strings.ReplaceAll(found[2], "`", "")})
		}
		previous = line
	}
	return s
}

var notInAnchors = regexp.MustCompile(`[^a-z0-9]+`)

// sectionAnchor is "section-3" of "## §3 Sessions" and "section-3-keep-alive" of
// "### §3 Keep-alive".
func sectionAnchor(headline string) string {
	words := strings.Trim(notInAnchors.ReplaceAllString(strings.ToLower(headline), "-"), "-")
	if strings.HasPrefix(headline, "## ") {
		words, _, _ = strings.Cut(words, "-")
	}
	return "section-" + words
}

// The document and the suite state the same version of the protocol.
func TestProtocolVersionIsThatOfTheSpecification(t *testing.T) {
	text, err := os.ReadFile(filepath.FromSlash(protocolDocument))
	if err != nil {
		t.Fatal(err)
	}
	stated := regexp.MustCompile(`This is version ([0-9.]+[0-9]) of the protocol`).FindAllStringSubmatch(string(text), -1)
	if len(stated) != 1 || stated[0][1] != string(suite.ProtocolVersion) {
		t.Errorf("%s states %q, the suite has version %s", protocolDocument, stated, suite.ProtocolVersion)
	}
}

// The requirements of the suite are those of the document: the same sentences in
// the same sections, in the same order.
func TestRequirementsAreThoseOfTheSpecification(t *testing.T) {
	documented := readSpecification(t, protocolDocument).requirements
	listed := suite.Requirements()
	for i := range max(len(documented), len(listed)) {
		var inDocument, inList suite.Requirement
		if i < len(documented) {
			inDocument = documented[i]
		}
		if i < len(listed) {
			inList = listed[i]
			inList.Of, inList.Unheld = "", ""
		}
		if inDocument != inList {
			t.Fatalf("requirement %d is\n%+v in %s and\n%+v in suite.Requirements", i+1, inDocument, protocolDocument, inList)
		}
	}
}

// What §7 and §8 allow is marked as seen or as inferred, and has an anchor of its kind.
func TestFreedomsAreMarked(t *testing.T) {
	text, err := os.ReadFile(filepath.FromSlash(protocolDocument))
	if err != nil {
		t.Fatal(err)
	}
	_, freedoms, found := strings.Cut(string(text), "## §7 ")
	if !found {
		t.Fatalf("%s has no §7", protocolDocument)
	}
	marked := regexp.MustCompile(`^freedom-.*\. \((R|A)\)$`)
	count := 0
	for line := range strings.Lines(freedoms) {
		if item := sentence.FindStringSubmatch(strings.TrimRight(line, "\n")); item != nil {
			count++
			if !marked.MatchString(item[1] + ": " + item[2]) {
				t.Errorf("freedom %q is not a sentence with (R) or (A), or its anchor does not begin with freedom-", item[0])
			}
		}
	}
	if count == 0 {
		t.Error("§7 lists nothing")
	}
}

// Citations of sections, parts and anchors.
var (
	// A § after the number of an RFC, or with a dot in it, is one of that RFC.
	sectionCited = regexp.MustCompile(`(RFC [0-9]+ )?§([0-9]+)(\.[0-9])?(?:,? ([A-Z][A-Za-z-]*(?: → [CS])?))?`)
	partCited    = regexp.MustCompile(`contracts\.md,? \(?part ([A-Z])`)
	anchorCited  = regexp.MustCompile(`\b(protocol|contracts)\.md#([a-z0-9][A-Za-z0-9_-]*)`)
	freedomCited = regexp.MustCompile(`\bfreedom-[a-z0-9-]*[a-z0-9]`)
	linkedWithin = regexp.MustCompile(`\]\(#([^)]+)\)`)
)

// citationCheck finds the citations of a text that do not exist.
type citationCheck struct{ protocol, contracts specified }

func (c citationCheck) wrong(text string) (all []string) {
	for _, cited := range sectionCited.FindAllStringSubmatch(text, -1) {
		if cited[1] == "" && cited[3] == "" && !c.hasSection(cited[2], cited[4]) {
			all = append(all, cited[0])
		}
	}
	for _, cited := range partCited.FindAllStringSubmatch(text, -1) {
		if !c.contracts.anchors["part-"+strings.ToLower(cited[1])] {
			all = append(all, cited[0])
		}
	}
	for _, cited := range anchorCited.FindAllStringSubmatch(text, -1) {
		document := c.protocol
		if cited[1] == "contracts" {
			document = c.contracts
		}
		if !document.anchors[cited[2]] {
			all = append(all, cited[0])
		}
	}
	for _, cited := range freedomCited.FindAllString(text, -1) {
		if !c.protocol.anchors[cited] {
			all = append(all, cited)
		}
	}
	return all
}

// hasSection reports whether the protocol has §number, and when a name follows one
// of its headings that begins like that.
func (c citationCheck) hasSection(number, name string) bool {
	return slices.ContainsFunc(c.protocol.sections, func(section string) bool {
		rest, found := strings.CutPrefix(section, "§"+number+" ")
		return found && strings.HasPrefix(rest, name)
	})
}

// Whatever a file of the project cites of the two documents is in them.
func TestCitationsExist(t *testing.T) {
	check := citationCheck{readSpecification(t, protocolDocument), readSpecification(t, contractsDocument)}
	files := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (path == "bin" || path == "out" || path != "." && strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case !entry.Type().IsRegular() || path == "specification_test.go":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if bytes.IndexByte(text, 0) >= 0 {
			return nil // not a text
		}
		files++
		for _, cited := range check.wrong(string(text)) {
			t.Errorf("%s cites %q, which is not in %s or %s", path, cited, protocolDocument, contractsDocument)
		}
		return nil
	})
	if err != nil || files < 100 {
		t.Fatalf("read %d files: %v", files, err)
	}
	vectors, err := fixtures.Vectors()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		for _, cited := range check.wrong(v.Section) {
			t.Errorf("vector %s cites %q", v.Name, cited)
		}
	}
}

// The documents link to nothing that they lack.
func TestLinksWithinTheSpecification(t *testing.T) {
	for _, path := range []string{protocolDocument, contractsDocument} {
		anchors := readSpecification(t, path).anchors
		text, err := os.ReadFile(filepath.FromSlash(path))
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range linkedWithin.FindAllStringSubmatch(string(text), -1) {
			if !anchors[link[1]] {
				t.Errorf("%s links to #%s, which it lacks", path, link[1])
			}
		}
	}
}

func TestWrongCitationsAreNoticed(t *testing.T) {
	check := citationCheck{readSpecification(t, protocolDocument), readSpecification(t, contractsDocument)}
	for _, right := range []string{
		"§3", "(§4, C → S)", "§3 Expiry", "§3 and §4", "§3, in seconds", "RFC 6455 §5.2 and §9.5", "RFC 6335 §9", "contracts.md, part A",
		"docs/protocol.md#c2s-ack", "(protocol.md#section-3-expiry)", "contracts.md#part-b", "freedom-udp-loses.",
	} {
		if got := check.wrong(right); got != nil {
			t.Errorf("%q: got %q", right, got)
		}
	}
	for _, wrong := range []string{
		"§9", "§12", "§3 Expire", "§4 Expiry", "§4, S → S", "contracts.md part D", "docs/contracts.md (part D)",
		"docs/protocol.md#c2s-acked", "contracts.md#part-d", "freedom-of-speech",
	} {
		if got := check.wrong(wrong); len(got) != 1 {
			t.Errorf("%q: got %q", wrong, got)
		}
	}
}
