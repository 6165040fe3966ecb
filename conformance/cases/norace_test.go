//go:build !race

package cases_test

const underRace = false
