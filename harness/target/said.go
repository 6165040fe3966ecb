package target

import (
	"imcheck/protocol/controlapi"
	"imcheck/reports/words"
)

// Bounds of what is kept of what a server says of itself: characters of a name and
// of an error text, and entries of a list.
const (
	maxNameText  = 200
	maxErrorText = 500
	maxSaidItems = 100
)

// said makes data of a text that a server says of itself: printable, so that
// neither a terminal nor a reader is misled by it, and at most so many characters.
func said(text string, most int) string {
	if len(text) > 4*most { // of 4 bytes each at most
		text = text[:4*most]
	}
	return words.Clip(words.Printable(text), most)
}

// saidError is an error whose text may hold what a server sent; text is what is said
// of it.
type saidError struct {
	text string
	err  error
}

func (e *saidError) Error() string { return e.text }

func (e *saidError) Unwrap() error { return e.err }

// cleaned bounds everything that a server says of itself.
func cleaned(i controlapi.Info) controlapi.Info {
	clean := controlapi.Info{Name: said(i.Name, maxNameText), Version: said(i.Version, maxNameText)}
	for _, capability := range i.Capabilities[:min(len(i.Capabilities), maxSaidItems)] {
		clean.Capabilities = append(clean.Capabilities, controlapi.Capability(said(string(capability), maxNameText)))
	}
	clean.Listen, clean.SenseMode = cleanMap(i.Listen), cleanMap(i.SenseMode)
	return clean
}

// cleanMap keeps a nil map nil: nothing was said then.
func cleanMap(from map[string]string) map[string]string {
	if from == nil {
		return nil
	}
	clean := map[string]string{}
	for key, value := range from {
		if len(clean) < maxSaidItems {
			clean[said(key, maxNameText)] = said(value, maxNameText)
		}
	}
	return clean
}
