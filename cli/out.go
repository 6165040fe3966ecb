package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"imcheck/reports/folder"
)

// prepareOut makes the folder of --out and makes sure that files can be written
// there, before a run that would be lost otherwise.
func prepareOut(dir string) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	if err := tryWriting(dir); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return nil
}

// clearOut makes the folder of --out as prepareOut does, and removes the files of an
// earlier run of the kind: files of two runs side by side look like those of one.
func clearOut(dir, kind string) error {
	if dir == "" {
		return nil
	}
	if err := prepareOut(dir); err != nil {
		return err
	}
	if _, err := folder.Clear(dir, kind); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return nil
}

// clearMisused removes the files of an earlier run of the kind from the folders that
// misused arguments, or the environment, name with --out: after exit code 2 they would be taken for the
// result of this command. The arguments need not be such as a flag set can read. The
// folders in keep, such as those that the command reads, are left alone.
func (a *app) clearMisused(args []string, kind string, keep ...string) {
	dirs := namedOut(args)
	if fromVariable := a.environment.value(variableOf("out")); fromVariable != "" && len(dirs) == 0 {
		dirs = append(dirs, fromVariable)
	}
	for _, dir := range dirs {
		if slices.ContainsFunc(keep, func(kept string) bool { return sameFolder(dir, kept) }) {
			continue
		}
		removed, err := folder.Clear(dir, kind)
		if removed > 0 {
			a.complain("the report of an earlier %s run was removed from %s", kind, dir)
		}
		if err != nil {
			a.complain("%s may still have the report of an earlier %s run: %v", dir, kind, err)
		}
	}
}

// namedOut lists the values of --out, as far as they can be found in arguments
// that may be wrong in any way.
func namedOut(args []string) (dirs []string) {
	for i, arg := range args {
		switch value, joined := strings.CutPrefix(arg, "--out="); {
		case arg == "--":
			return dirs
		case joined && value != "":
			dirs = append(dirs, value)
		case arg == "--out" && i+1 < len(args) && args[i+1] != "":
			dirs = append(dirs, args[i+1])
		}
	}
	return dirs
}

// operandsIn lists the arguments that may be operands, whatever else is wrong: those
// that are not flags and not the value of --out.
func operandsIn(args []string) (operands []string) {
	for i, arg := range args {
		if !strings.HasPrefix(arg, "-") && (i == 0 || args[i-1] != "--out") {
			operands = append(operands, arg)
		}
	}
	return operands
}

// sameFolder reports whether two paths lead to one folder that is there.
func sameFolder(a, b string) bool {
	first, err := os.Stat(a)
	second, otherErr := os.Stat(b)
	return err == nil && otherErr == nil && os.SameFile(first, second)
}

// prepareFile makes sure that the file of a flag can be written; its folder has
// to exist, unless it is out, which will be made. "" means no file.
func prepareFile(flag, path, out string) error {
	if path == "" {
		return nil
	}
	if there, err := os.Stat(path); err == nil && there.IsDir() {
		return fmt.Errorf("%s: %s is a folder: name a file", flag, path)
	}
	parent := filepath.Dir(path)
	if out != "" && parent == filepath.Clean(out) {
		return nil
	}
	if err := tryWriting(parent); err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	return nil
}

// tryWriting checks that files can be made in a folder, and leaves it as it was.
func tryWriting(dir string) error {
	trial, err := os.CreateTemp(dir, ".trial-*")
	if err != nil {
		return fmt.Errorf("files cannot be written there: %w", err)
	}
	trial.Close() // nothing was written that could be lost
	return os.Remove(trial.Name())
}
