// Imcheck is a toolkit for instant messaging servers and clients that speak
// the MobileIMSDK protocol: a reference server, a conformance suite and a load
// generator in one program. See README.md.
package main

import (
	"os"

	"imcheck/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
