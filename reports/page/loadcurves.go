package page

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"

	"imcheck/reports"
	"imcheck/reports/chart"
	"imcheck/reports/content"
)

// chartKinds is the order of the charts: what users feel comes first. Kinds it
// does not name follow.
var chartKinds = []reports.LatencyKind{
	reports.KindFanOut, reports.KindC2CDelivery, reports.KindS2CDelivery, reports.KindEcho, reports.KindC2CAck,
	reports.KindC2SAck, reports.KindS2CCall, reports.KindBacklog, reports.KindRelogin, reports.KindLogin, reports.KindHeartbeat,
}

// kindMeanings explains what ends each kind of latency.
var kindMeanings = map[reports.LatencyKind]string{
	reports.KindLogin:       "until the login response",
	reports.KindHeartbeat:   "until the keep-alive response",
	reports.KindC2SAck:      "until a message to the server is acknowledged",
	reports.KindC2CAck:      "until a message to a client is acknowledged",
	reports.KindC2CDelivery: "until a message to a client has arrived there",
	reports.KindS2CDelivery: "until a message of the server has arrived",
	reports.KindS2CCall:     "until the control API has answered a push",
	reports.KindEcho:        "until an echo was answered",
	reports.KindFanOut:      "until a message to a group has arrived at the last of its members",
	reports.KindBacklog:     "until a message that was stored for a client has arrived, since it came back",
	reports.KindRelogin:     "until a client that was sent away is logged in again",
}

// What is drawn of a report at most, whatever it has.
const (
	maxCurveCharts    = 20
	maxCurvesPerChart = 24
)

// latencyCharts draws the percentiles of each kind: all transports on one axis,
// since each message was due and since it was sent. more is the number of kinds that are
// not drawn.
func latencyCharts(latencies []reports.Latency) (charts []template.HTML, more int, err error) {
	byKind := map[reports.LatencyKind][]reports.Latency{}
	var kinds []reports.LatencyKind
	for _, l := range latencies {
		if l.Count == 0 {
			continue
		}
		if byKind[l.Kind] == nil {
			kinds = append(kinds, l.Kind)
		}
		byKind[l.Kind] = append(byKind[l.Kind], l)
	}
	slices.SortStableFunc(kinds, func(a, b reports.LatencyKind) int {
		return cmp.Compare(reports.Rank(chartKinds, a), reports.Rank(chartKinds, b))
	})
	shown := kinds[:min(len(kinds), maxCurveCharts)]
	for _, kind := range shown {
		title := content.KindWords(kind)
		if meaning := kindMeanings[kind]; meaning != "" {
			title += ": " + meaning
		}
		drawing, err := chart.Percentiles(title, curvesOf(byKind[kind], latencies))
		if err != nil {
			return nil, 0, fmt.Errorf("draw the latency of %s: %w", kind, err)
		}
		charts = append(charts, drawing)
	}
	return charts, len(kinds) - len(shown), nil
}

// curvesOf returns the curves of one kind: of each transport or, without those, of the
// sum. A transport has the same colour in all charts.
func curvesOf(rows, all []reports.Latency) []chart.Curve {
	byTransport := map[string]bool{}
	for _, l := range all {
		byTransport[l.Transport] = true
	}
	transports := slices.DeleteFunc(reports.SortedTransports(byTransport), func(t string) bool { return t == reports.AllTransports })
	single := slices.ContainsFunc(rows, func(l reports.Latency) bool { return l.Transport != reports.AllTransports })
	rows = slices.DeleteFunc(slices.Clone(rows), func(l reports.Latency) bool { return single && l.Transport == reports.AllTransports })
	slices.SortStableFunc(rows, func(a, b reports.Latency) int {
		return cmp.Or(reports.CompareTransports(a.Transport, b.Transport), cmp.Compare(a.From, b.From))
	})
	var curves []chart.Curve
	for _, l := range rows[:min(len(rows), maxCurvesPerChart)] {
		curves = append(curves, chart.Curve{
			Name: l.Transport + ", " + originWords(l.From), Dashed: l.From == reports.FromSend,
			Pair: reports.Rank(transports, l.Transport), Points: Quantiles(l, curveSteps),
		})
	}
	return curves
}

// originWords returns text such as "due → reply" or "send → reply".
func originWords(from string) string { return from + " → reply" }

// curveSteps is into how many steps a curve divides each halving of the distance
// to 100 %.
const curveSteps = 4

// Quantiles returns the points of a latency's curve, with so many steps for each
// halving of the distance to 100 %: from its histogram, or the percentiles that
// it has when there is none that can be read.
func Quantiles(l reports.Latency, steps int32) []chart.Quantile {
	if h, err := reports.DecodeHistogram(l.Histogram); l.Histogram != "" && err == nil && h.TotalCount() > 0 {
		var points []chart.Quantile
		for _, b := range h.CumulativeDistributionWithTicks(steps) {
			points = append(points, chart.Quantile{Share: b.Quantile / 100, Microseconds: b.ValueAt})
		}
		return points
	}
	return []chart.Quantile{
		{Share: 0, Microseconds: l.MinUs}, {Share: 0.5, Microseconds: l.P50Us}, {Share: 0.9, Microseconds: l.P90Us},
		{Share: 0.99, Microseconds: l.P99Us}, {Share: 0.999, Microseconds: l.P999Us}, {Share: 1, Microseconds: l.MaxUs},
	}
}
