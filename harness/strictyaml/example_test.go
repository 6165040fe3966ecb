package strictyaml_test

import (
	"fmt"
	"time"

	"imcheck/harness/strictyaml"
)

// A file of settings is decoded, then its values are checked. Mistakes name the line.
func ExampleRead() {
	var settings struct {
		Name    string `yaml:"name"`
		Timeout string `yaml:"timeout"`
	}
	text := []byte("name: our server\ntimeout: soon\n")
	r, err := strictyaml.Read("settings.yaml", text, &settings, "use name and timeout")
	if err != nil {
		fmt.Println(err)
		return
	}
	r.RejectEmpty()
	timeout := r.PositiveDuration(settings.Timeout, time.Second, "timeout")
	fmt.Println(timeout, r.Err())

	_, err = strictyaml.Read("settings.yaml", []byte("nmae: x\n"), &settings, "use name and timeout")
	fmt.Println(err)
	// Output:
	// 0s settings.yaml:2: timeout: "soon" is not a duration: write it as 100ms or 5s
	// settings.yaml:1: unknown key "nmae": use name and timeout
}
