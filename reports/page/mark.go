package page

import (
	"bytes"
	"io"
	"os"
)

// maxBeforeMark is more than the number of bytes before the mark of a page.
const maxBeforeMark = 1 << 20

// HasMark reports whether a file has a mark near its beginning, as the pages of imcheck
// have. The error matches fs.ErrNotExist when the file does not exist.
func HasMark(path, mark string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	start, err := io.ReadAll(io.LimitReader(f, maxBeforeMark))
	return bytes.Contains(start, []byte(mark)), err
}
