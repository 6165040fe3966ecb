package diff

import "imcheck/reports"

// stormFigures compares what became of the clients of two storms of one kind.
func stormFigures(before, after *reports.Recovery) (figures []Figure) {
	if before == nil || after == nil {
		return nil
	}
	if a, b := before.Silent, after.Silent; a != nil && b != nil {
		for _, f := range []struct {
			name string
			of   func(*reports.Silent) int64
		}{
			{"zombies", func(s *reports.Silent) int64 { return s.Zombies }},
			{"self-kicks", func(s *reports.Silent) int64 { return s.SelfKicks }},
			{"taken over", func(s *reports.Silent) int64 { return s.TakenOver }},
			{"not kicked", func(s *reports.Silent) int64 { return s.NotKicked }},
			{"kicked in vain", func(s *reports.Silent) int64 { return s.KickedEqual }},
			{"misdirected", func(s *reports.Silent) int64 { return s.Misdirected }},
			{"overdue", func(s *reports.Silent) int64 { return s.Overdue }},
		} {
			figures = append(figures, Figure{f.name, "", float64(f.of(a)), float64(f.of(b))})
		}
	}
	if a, b := before.Away, after.Away; a != nil && b != nil {
		for _, f := range []struct {
			name string
			of   func(*reports.Away) int64
		}{
			{"came through", func(s *reports.Away) int64 { return s.Through }},
			{"gave up", func(s *reports.Away) int64 { return s.GaveUp }},
			{"expired", func(s *reports.Away) int64 { return s.Expired }},
		} {
			figures = append(figures, Figure{f.name, "", float64(f.of(a)), float64(f.of(b))})
		}
	}
	return figures
}
