//go:build !race

package servercases_test

const underRace = false
