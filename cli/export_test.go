package cli

import "imcheck/harness/target"

// CommandsIn and CodeBlocks read commands from documents.
var (
	CommandsIn = commandsIn
	CodeBlocks = codeBlocks
)

// UseResolver replaces the resolver of the system.
func UseResolver(r target.Resolver) { resolver = r }
