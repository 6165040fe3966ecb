//go:build !race

package clientcases_test

const underRace = false
