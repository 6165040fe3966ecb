package reports

// TargetMemory describes by how much a target grew while it was sent what no client would
// send.
type TargetMemory struct {
	Source      string `json:"source"`      // where the memory was read
	BeforeBytes int64  `json:"beforeBytes"` // after the first inputs
	AfterBytes  int64  `json:"afterBytes"`  // the least within a while after the last
	BoundBytes  int64  `json:"boundBytes"`  // by which it may grow
	Growing     bool   `json:"growing"`     // it went on growing when the same was sent again
}
