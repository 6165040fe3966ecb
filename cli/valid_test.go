package cli_test

import (
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// valid SCHEMA FILES: each file is as the schema of this name in reports/schema
// says.
func valid(ts *testscript.TestScript, _ bool, args []string) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(filepath.Join("..", "reports", "schema", args[0]))
	ts.Check(err)
	for _, name := range args[1:] {
		file, err := os.Open(ts.MkAbs(name))
		ts.Check(err)
		report, err := jsonschema.UnmarshalJSON(file)
		file.Close() // it was read only
		ts.Check(err)
		if err := schema.Validate(report); err != nil {
			ts.Fatalf("%s: %v", name, err)
		}
	}
}
