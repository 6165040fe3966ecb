package reports

// loadView is a load run, arranged for the page.
type loadView struct {
	*Load
	Summary  string
	FromDue  []Latency
	FromSend []Latency
	Causes   []lossCause
}

func newLoadView(l *Load) *loadView {
	view := &loadView{Load: l, Summary: loadSummary(l)}
	for _, latency := range shownLatencies(l.Latencies, true) {
		if latency.From == FromSend {
			view.FromSend = append(view.FromSend, latency)
		} else {
			view.FromDue = append(view.FromDue, latency)
		}
	}
	view.Causes, _ = lostByCause(l.Sessions)
	return view
}
