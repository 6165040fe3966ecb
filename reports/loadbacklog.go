package reports

// Backlog counts what became of messages to clients that were away. They are not in
// Load.Messages: whether they arrive is up to the application behind the target.
type Backlog struct {
	Absent     int64 `json:"absent"`     // clients that logged out
	Returned   int64 `json:"returned"`   // of these, logged in again
	Sent       int64 `json:"sent"`       // messages to them
	Stored     int64 `json:"stored"`     // of these, acknowledged, by which the target says that it stored them
	Delivered  int64 `json:"delivered"`  // first copies that arrived after the return
	Duplicated int64 `json:"duplicated"` // further copies
	Reordered  int64 `json:"reordered"`  // delivered after one that was sent later to the same client
	Early      int64 `json:"early"`      // arrived at a client that had logged out, or never left
}
