package cli

// nearest returns the one of the known words that a mistyped one resembles most, "" when
// none is near enough: at most a third of the characters, and never more than three, may
// have been added, left out or replaced.
func nearest(word string, known []string) (found string) {
	bound := min(3, max(1, len(word)/3))
	for _, candidate := range known {
		if d := distance(word, candidate); d <= bound {
			found, bound = candidate, d-1
		}
	}
	return found
}

// distance returns the least number of bytes to add, leave out or replace that makes one
// word the other (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1) // from the bytes of a so far to each beginning of b
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
