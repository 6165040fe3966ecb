//go:build race

package servercases_test

// underRace says that the race detector is on, with which everything takes
// about ten times as long.
const underRace = true
