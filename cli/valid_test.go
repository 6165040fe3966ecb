package cli_test

import (
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// valid SCHEMA FILES: each file is as the schema of this name in reports/schema says, or
// for ctrf.schema.json that of the tests of reports/ctrf.
func valid(ts *testscript.TestScript, _ bool, args []string) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	path := filepath.Join("..", "reports", "schema", args[0])
	if args[0] == "ctrf.schema.json" {
		path = filepath.Join("..", "reports", "ctrf", "testdata", args[0])
	}
	schema, err := compiler.Compile(path)
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
