// Package books keeps the accounts of a load: histograms of latencies, a ledger of what
// became of the messages of each flow, windows that know which numbers have come, and what
// became of the sessions. It knows neither clients nor connections.
package books
