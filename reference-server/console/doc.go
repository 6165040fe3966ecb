// Package console serves the console of the reference server: one page that shows who is
// online and what happens, and an API with which a developer does by hand what a client does.
// Its clients are built in: they keep the rules of protocol/client and reach the server over
// its own ports. assets/openapi.json describes the API.
package console
