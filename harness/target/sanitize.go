package target

import (
	"imcheck/protocol/controlapi"
	"imcheck/reports/words"
)

// Bounds of texts that a server sends about itself: characters of a name and of an error
// text, and entries of a list.
const (
	maxNameText  = 200
	maxErrorText = 500
	maxItems     = 100
)

// sanitize makes a text of a server printable, so that it misleads neither a terminal nor
// a reader, and cuts it to at most a number of characters.
func sanitize(text string, most int) string {
	if len(text) > 4*most { // a character has at most 4 bytes
		text = text[:4*most]
	}
	return words.Clip(words.Printable(text), most)
}

// sanitizedError wraps an error whose text may hold what a server sent. It shows text in
// its place.
type sanitizedError struct {
	text string
	err  error
}

func (e *sanitizedError) Error() string { return e.text }

func (e *sanitizedError) Unwrap() error { return e.err }

// cleaned sanitizes and bounds everything that a server says of itself.
func cleaned(i controlapi.Info) controlapi.Info {
	clean := controlapi.Info{
		Name: sanitize(i.Name, maxNameText), Version: sanitize(i.Version, maxNameText),
		Organization: sanitize(i.Organization, maxNameText), URL: sanitize(i.URL, maxNameText),
	}
	for _, capability := range i.Capabilities[:min(len(i.Capabilities), maxItems)] {
		clean.Capabilities = append(clean.Capabilities, controlapi.Capability(sanitize(string(capability), maxNameText)))
	}
	clean.Listen, clean.SenseMode = cleanMap(i.Listen), cleanMap(i.SenseMode)
	return clean
}

// cleanMap keeps a nil map nil: the server said nothing.
func cleanMap(from map[string]string) map[string]string {
	if from == nil {
		return nil
	}
	clean := map[string]string{}
	for key, value := range from {
		if len(clean) < maxItems {
			clean[sanitize(key, maxNameText)] = sanitize(value, maxNameText)
		}
	}
	return clean
}
