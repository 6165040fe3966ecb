package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"imcheck/reports"
)

// writeManual writes a manual page for the program and one for each verb into a folder,
// which it makes.
func writeManual(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	var failures error
	var write func(verb)
	write = func(v verb) {
		path := filepath.Join(dir, manualName(v)+".1")
		failures = errors.Join(failures, reports.WriteFile(path, func(w io.Writer) error {
			_, err := io.WriteString(w, manualPage(v))
			return err
		}))
		for _, below := range v.group {
			write(below)
		}
	}
	write(program())
	return failures
}

// manualName returns the name of the page of a verb: imcheck-report-diff.
func manualName(v verb) string {
	return strings.Join(append([]string{"imcheck"}, strings.Fields(v.name)...), "-")
}

// manualPage returns the page of a verb in the macros of man(7).
func manualPage(v verb) string {
	var page roff
	name := manualName(v)
	page.request("TH", strings.ToUpper(name), "1", "", "imcheck "+version(), "imcheck")
	page.request("nh") // words are not divided: many are typed as they are
	page.request("SH", "NAME")
	summary := v.summary
	if v.name == "" {
		summary = "check and load servers that speak the MobileIMSDK protocol"
	}
	page.line(name + " - " + summary)
	page.synopsis(v)
	page.request("SH", "DESCRIPTION")
	page.text(description(v))
	if v.group != nil {
		page.verbs(v)
	} else {
		page.options(v.flags())
	}
	if v.name == "" {
		page.topics()
	}
	page.request("SH", "ENVIRONMENT")
	page.text(environmentTopic)
	page.request("SH", "EXIT STATUS")
	for _, e := range exitCodes {
		page.entry(fmt.Sprint(e.code), e.meaning)
	}
	page.seeAlso(v)
	return page.String()
}

// description returns the usage text of a verb without its first line, where that is the
// synopsis.
func description(v verb) string {
	if first, rest, _ := strings.Cut(v.usage, "\n\n"); strings.HasPrefix(first, "Usage: ") {
		return rest
	}
	return v.usage
}

// roff is a text in the macros of man(7).
type roff struct{ strings.Builder }

// escape returns a text that stays as it is in roff.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(text)
}

// request writes a macro with its arguments.
func (r *roff) request(macro string, arguments ...string) {
	r.WriteString("." + macro)
	for _, argument := range arguments {
		r.WriteString(` "` + strings.ReplaceAll(escape(argument), `"`, `\(dq`) + `"`)
	}
	r.WriteString("\n")
}

// line writes a line of text; a dot at its beginning is not a macro.
func (r *roff) line(text string) {
	if strings.HasPrefix(text, ".") {
		r.WriteString(`\&`)
	}
	r.WriteString(escape(text) + "\n")
}

// text writes paragraphs. Lines that are indented keep their form.
func (r *roff) text(text string) {
	kept := false
	keep := func(now bool) {
		if now != kept {
			kept = now
			if now {
				r.WriteString(".PP\n.nf\n")
			} else {
				r.WriteString(".fi\n")
			}
		}
	}
	paragraph := false // the next line begins one
	for line := range strings.Lines(strings.TrimSpace(text)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "":
			keep(false)
			paragraph = true
		case strings.HasPrefix(line, "  "):
			keep(true)
			r.line(line)
			paragraph = false
		default:
			keep(false)
			if paragraph {
				r.WriteString(".PP\n")
			}
			r.line(line)
			paragraph = false
		}
	}
	keep(false)
}

// entry writes a term with its explanation.
func (r *roff) entry(term, explanation string) {
	r.WriteString(".TP\n.B ")
	r.line(term)
	r.line(explanation)
}

// synopsis writes how the verb is typed.
func (r *roff) synopsis(v verb) {
	r.request("SH", "SYNOPSIS")
	typed := strings.TrimSpace("imcheck "+v.name) + " VERB"
	if first, _, _ := strings.Cut(v.usage, "\n"); strings.HasPrefix(first, "Usage: ") {
		typed = strings.TrimPrefix(first, "Usage: ")
	}
	r.line(typed)
}

// verbs lists those of a group.
func (r *roff) verbs(v verb) {
	r.request("SH", "VERBS")
	for _, below := range v.group {
		r.entry("imcheck "+below.name, below.summary+": see "+manualName(below)+"(1)")
	}
}

// options lists the flags.
func (r *roff) options(flags *pflag.FlagSet) {
	if !flags.HasFlags() {
		return
	}
	r.request("SH", "OPTIONS")
	flags.VisitAll(func(flag *pflag.Flag) {
		value, usage := pflag.UnquoteUsage(flag)
		term := "--" + flag.Name
		switch {
		case flag.Value.Type() == "bool":
		case flag.NoOptDefVal != "":
			term += "[=" + value + "]"
		default:
			term += " " + value
		}
		if !slices.Contains([]string{"", "0", "0s", "false", "[]"}, flag.DefValue) {
			usage += " (default " + flag.DefValue + ")"
		}
		r.entry(term, usage)
	})
}

// topics lists what else help explains.
func (r *roff) topics() {
	r.request("SH", "TOPICS")
	for _, t := range topics() {
		r.entry("imcheck help "+t.name, t.summary)
	}
}

// seeAlso names the page of the program and those of the verbs beside this one.
func (r *roff) seeAlso(v verb) {
	r.request("SH", "SEE ALSO")
	group := program()
	if first, _, nested := strings.Cut(v.name, " "); nested {
		group, _ = program().below(first)
	}
	pages := []string{manualName(program()) + "(1)"}
	if group.name != "" {
		pages = append(pages, manualName(group)+"(1)")
	}
	for _, below := range group.group {
		pages = append(pages, manualName(below)+"(1)")
	}
	own := manualName(v) + "(1)"
	r.line(strings.Join(slices.DeleteFunc(pages, func(page string) bool { return page == own }), ", "))
}
