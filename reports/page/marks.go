package page

import (
	"unicode"
	"unicode/utf8"

	"github.com/sergi/go-diff/diffmatchpatch"
)

const (
	// comparedWords bounds texts that are compared, in words.
	comparedWords = 1000
	// alike is the share of two texts that has to be the same for marks to help: with
	// less they would only say that the texts differ.
	alike = 0.5
)

// differences marks, word by word, what only one of two texts has. There are no
// marks in texts that have little in common, or in long ones.
func differences(a, b string) (inA, inB []span) {
	wordsA, wordsB := splitWords(a), splitWords(b)
	if a == b || max(len(wordsA), len(wordsB)) > comparedWords {
		return nil, nil
	}
	letters := alphabet{}
	compare := diffmatchpatch.New()
	compare.DiffTimeout = 0 // the same marks on every machine; comparedWords is the bound
	parts := compare.DiffMainRunes(letters.spell(wordsA), letters.spell(wordsB), false)

	same, endA, endB := 0, 0, 0
	for _, part := range parts {
		n := utf8.RuneCountInString(part.Text)
		lengthA, lengthB := 0, 0
		if part.Type != diffmatchpatch.DiffInsert {
			lengthA = length(wordsA[:n])
			wordsA = wordsA[n:]
		}
		if part.Type != diffmatchpatch.DiffDelete {
			lengthB = length(wordsB[:n])
			wordsB = wordsB[n:]
		}
		switch part.Type {
		case diffmatchpatch.DiffEqual:
			same += lengthA
		case diffmatchpatch.DiffDelete:
			inA = append(inA, span{endA, endA + lengthA})
		case diffmatchpatch.DiffInsert:
			inB = append(inB, span{endB, endB + lengthB})
		}
		endA, endB = endA+lengthA, endB+lengthB
	}
	if 2*float64(same) < alike*float64(len(a)+len(b)) {
		return nil, nil
	}
	return inA, inB
}

// splitWords cuts a text into what is compared as a whole: runs of letters, digits
// and what names and numbers have between them, and every other character by
// itself.
func splitWords(text string) (all []string) {
	start := 0
	for at, r := range text {
		if isWord(r) {
			continue
		}
		if start < at {
			all = append(all, text[start:at])
		}
		_, width := utf8.DecodeRuneInString(text[at:])
		start = at + width
		all = append(all, text[at:start])
	}
	if start < len(text) {
		all = append(all, text[start:])
	}
	return all
}

func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' || r == '.'
}

func length(words []string) (bytes int) {
	for _, word := range words {
		bytes += len(word)
	}
	return bytes
}

// alphabet gives each word a letter of its own: the library compares letters.
type alphabet map[string]rune

func (a alphabet) spell(words []string) []rune {
	const first = 0x10000 // beyond the surrogates of UTF-16, so that each is valid
	letters := make([]rune, len(words))
	for i, word := range words {
		letter, known := a[word]
		if !known {
			letter = rune(first + len(a))
			a[word] = letter
		}
		letters[i] = letter
	}
	return letters
}
