package cli

import "imcheck/harness/target"

// UseResolver replaces the resolver of the system.
func UseResolver(r target.Resolver) { resolver = r }
