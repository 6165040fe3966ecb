package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// drawing is one SVG before it is written.
type drawing struct {
	class         string    // class of the element, for the page's style
	width, height vg.Length // size of the view box; the page decides how large it is shown
	size          string    // attributes with the size where no style applies
	fontSize      vg.Length
	title, desc   string // for who cannot see it; without a title it is decoration
	draw          func(draw.Canvas)
}

// render draws and writes the drawing anew as what a page can hold: the canvas
// writes a document of its own, with fonts and colours that are fixed.
func (d drawing) render() (template.HTML, error) {
	canvas := vgsvg.New(d.width, d.height)
	d.draw(draw.New(canvas))
	var document bytes.Buffer
	if _, err := canvas.WriteTo(&document); err != nil {
		return "", fmt.Errorf("draw %q: %w", d.title, err)
	}
	var out bytes.Buffer
	d.writeStart(&out)
	if err := rewrite(&out, &document); err != nil {
		return "", fmt.Errorf("draw %q: %w", d.title, err)
	}
	out.WriteString("</svg>")
	return template.HTML(out.String()), nil
}

// writeStart writes the start tag, and what a screen reader says.
func (d drawing) writeStart(out *bytes.Buffer) {
	fmt.Fprintf(out, `<svg class="%s" viewBox="0 0 %s %s" %s stroke-linecap="round" stroke-linejoin="round"`, d.class, number(d.width.Points()), number(d.height.Points()), d.size)
	if d.fontSize > 0 {
		fmt.Fprintf(out, ` font-family="Liberation Sans, Arial, Helvetica, sans-serif" font-size="%s"`, number(d.fontSize.Points()))
	}
	if d.title == "" {
		out.WriteString(` aria-hidden="true">`)
		return
	}
	out.WriteString(` role="img"><title>`)
	escape(out, d.title)
	out.WriteString("</title>")
	if d.desc != "" {
		out.WriteString("<desc>")
		escape(out, d.desc)
		out.WriteString("</desc>")
	}
}

// rewrite copies what is inside the canvas's document, and only the elements
// and attributes that are known here.
func rewrite(out *bytes.Buffer, document io.Reader) error {
	decoder := xml.NewDecoder(document)
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := writeElement(out, t); err != nil {
				return err
			}
		case xml.EndElement:
			if name := t.Name.Local; name == "g" || name == "text" {
				out.WriteString("</" + name + ">")
			}
		case xml.CharData:
			if text := strings.TrimSpace(string(t)); text != "" {
				escape(out, text)
			}
		}
	}
}

func writeElement(out *bytes.Buffer, e xml.StartElement) error {
	name := e.Name.Local
	switch name {
	case "svg":
		return nil
	case "g", "path", "text":
	default:
		return fmt.Errorf("the canvas wrote <%s>, which is not known here", name)
	}
	out.WriteString("<" + name)
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "d", "x", "y", "transform":
			writeAttribute(out, a.Name.Local, shortNumbers(a.Value))
		case "style":
			writePresentation(out, a.Value)
		default:
			return fmt.Errorf("the canvas wrote <%s %s>, which is not known here", name, a.Name.Local)
		}
	}
	if name == "path" {
		out.WriteString("/")
	}
	out.WriteString(">")
	return nil
}

var decimal = regexp.MustCompile(`-?\d+(\.\d+)?(e[+-]?\d+)?`)

// shortNumbers writes numbers with one decimal: a tenth of what is a pixel at
// most.
func shortNumbers(text string) string {
	return decimal.ReplaceAllStringFunc(text, func(digits string) string {
		v, err := strconv.ParseFloat(digits, 64)
		if err != nil {
			return digits
		}
		return number(v)
	})
}

func number(v float64) string {
	text := strconv.FormatFloat(v, 'f', 1, 64)
	text = strings.TrimSuffix(text, ".0")
	if text == "-0" {
		return "0"
	}
	return text
}

func writeAttribute(out *bytes.Buffer, name, value string) {
	if value != "" {
		out.WriteString(" " + name + `="`)
		escape(out, value)
		out.WriteString(`"`)
	}
}

// writePresentation writes a style as attributes, which apply where a policy forbids styles,
// with the colours as the page's properties. The font is that of the whole drawing.
func writePresentation(out *bytes.Buffer, style string) {
	for property := range strings.SplitSeq(style, ";") {
		key, value, _ := strings.Cut(property, ":")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch {
		case strings.HasPrefix(key, "font-"):
			continue
		case key == "fill" || key == "stroke":
			value = pageColour(value)
		case key == "stroke-width":
			value = shortNumbers(value)
		}
		writeAttribute(out, key, value)
	}
}

// escape writes text for XML and HTML alike.
func escape(out *bytes.Buffer, text string) {
	_ = xml.EscapeText(out, []byte(printable(text))) // a buffer takes everything
}
