// Package host is the machine that generates the load: its timers, its source addresses,
// what this process uses of it and whether it kept up.
package host
