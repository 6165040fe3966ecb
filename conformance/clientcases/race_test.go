//go:build race

package clientcases_test

// underRace says that the race detector is on, with which everything takes
// about ten times as long.
const underRace = true
