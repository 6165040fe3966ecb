package cli

import "runtime/debug"

// buildVersion is the version of a release or an image, which are built without the
// history that has it: -ldflags '-X imcheck/cli.buildVersion=v1.2.3'.
var buildVersion string

// version returns the version of the program: that of its release, else the one of the
// module that the build recorded, "(devel)" without either.
func version() string {
	if buildVersion != "" {
		return buildVersion
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
