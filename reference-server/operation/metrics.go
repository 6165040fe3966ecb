package operation

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"imcheck/harness/metrics"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/bridge"
	"imcheck/reference-server/gateway"
)

// prefix begins the names of the metrics of a server.
const prefix metrics.Prefix = "imcheck_server_"

// State has the counts of one moment.
type State struct {
	gateway.Counts
	Bridge      *bridge.Counts // nil without a bridge
	Connected   bool           // to the broker of the bridge
	Unconfirmed int            // messages that wait for the broker's confirmation
	Ready       bool
}

// Metrics collects the figures of a server for Prometheus.
type Metrics struct {
	// Now returns the state.
	Now func() State
}

var (
	readyMetric           = metrics.NewGauge(prefix, "ready", "1 while the server lets users in.", func(s *State) float64 { return truth(s.Ready) })
	sessionsMetric        = prefix.Describe("sessions", "Sessions that are logged in.", "transport")
	connectionsMetric     = prefix.Describe("connections", "Open connections, with a login or without.", "transport")
	acceptedMetric        = prefix.Describe("connections_accepted_total", "Connections that were accepted.", "transport")
	loginsMetric          = prefix.Describe("logins_total", "Logins that succeeded.", "transport")
	receivedMetric        = prefix.Describe("messages_received_total", "Messages that clients have sent, by kind.", "transport", "kind")
	sentMetric            = prefix.Describe("messages_sent_total", "Messages that clients were sent, by kind, retransmissions included.", "transport", "kind")
	badMetric             = prefix.Describe("bad_messages_total", "What clients have sent that is not a message.", "transport")
	retransmissionsMetric = prefix.Describe("retransmissions_total", "Messages that were sent again, as their receiver had not acknowledged them.", "transport")
	receivedBytesMetric   = prefix.Describe("received_bytes_total", "Bytes of messages from clients, without framing and TLS.", "transport")
	sentBytesMetric       = prefix.Describe("sent_bytes_total", "Bytes of messages to clients, without framing and TLS.", "transport")
	refusedMetric         = prefix.Describe("logins_refused_total", "Logins that the application has refused, by code; -1 are those of further codes.", "code")
	errorsMetric          = prefix.Describe("error_responses_total", "Error responses to clients, by code.", "code")
	endedMetric           = prefix.Describe("sessions_ended_total", "Sessions, and connections without a login, that have ended, by cause.", "cause")
	limitedMetric         = prefix.Describe("limited_total", "What was refused or left out because of a limit.", "limit")
	bridgeMetric          = prefix.Describe("bridge_messages_total", "Messages of the bridge: published, confirmed and refused by the broker, not published as the broker was away, consumed, and dropped as they were no messages.", "outcome")
	bridgeConnectedMetric = prefix.Describe("bridge_connected", "1 while there is a connection to the broker.")
	unconfirmedMetric     = prefix.Describe("bridge_unconfirmed", "Messages that wait for the broker's confirmation.")
)

// Describe implements prometheus.Collector.
func (m Metrics) Describe(into chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{
		readyMetric.Desc, sessionsMetric, connectionsMetric, acceptedMetric, loginsMetric, receivedMetric, sentMetric, badMetric,
		retransmissionsMetric, receivedBytesMetric, sentBytesMetric, refusedMetric, errorsMetric, endedMetric, limitedMetric,
		bridgeMetric, bridgeConnectedMetric, unconfirmedMetric,
	} {
		into <- one
	}
}

// Collect implements prometheus.Collector.
func (m Metrics) Collect(into chan<- prometheus.Metric) {
	s := m.Now()
	into <- readyMetric.Of(&s)
	for _, t := range wire.Transports {
		collectTransport(into, &s, t)
	}
	for code, n := range s.RefusedLogins {
		into <- counter(refusedMetric, n, strconv.Itoa(int(code)))
	}
	for code, n := range s.Errors {
		into <- counter(errorsMetric, n, strconv.Itoa(int(code)))
	}
	for _, cause := range server.Causes {
		into <- counter(endedMetric, s.Ended[cause], string(cause))
	}
	for _, limit := range server.AllLimits {
		into <- counter(limitedMetric, s.Limited[limit], string(limit))
	}
	if s.Bridge != nil {
		collectBridge(into, &s)
	}
}

// collectTransport hands out what is counted by transport.
func collectTransport(into chan<- prometheus.Metric, s *State, t wire.Transport) {
	name := t.String()
	into <- gauge(sessionsMetric, float64(s.Sessions[t]), name)
	if t.Connected() {
		into <- gauge(connectionsMetric, float64(s.Connections[t]), name)
		into <- counter(acceptedMetric, s.Opened[t], name)
	}
	into <- counter(loginsMetric, s.Logins[t], name)
	into <- counter(badMetric, s.In[t].Bad, name)
	into <- counter(retransmissionsMetric, s.Retransmissions[t], name)
	into <- counter(receivedBytesMetric, s.In[t].Bytes, name)
	into <- counter(sentBytesMetric, s.Out[t].Bytes, name)
	for _, kind := range wire.Types {
		into <- counter(receivedMetric, s.In[t].Of(kind), name, kind.String())
		into <- counter(sentMetric, s.Out[t].Of(kind), name, kind.String())
	}
	into <- counter(receivedMetric, s.In[t].Others(), name, "other")
	into <- counter(sentMetric, s.Out[t].Others(), name, "other")
}

// collectBridge hands out what is counted of the bridge.
func collectBridge(into chan<- prometheus.Metric, s *State) {
	for outcome, n := range map[string]uint64{
		"published": s.Bridge.Published, "confirmed": s.Bridge.Confirmed, "refused": s.Bridge.Refused,
		"away": s.Bridge.Away, "consumed": s.Bridge.Consumed, "dropped": s.Bridge.Dropped,
	} {
		into <- counter(bridgeMetric, n, outcome)
	}
	into <- gauge(bridgeConnectedMetric, truth(s.Connected))
	into <- gauge(unconfirmedMetric, float64(s.Unconfirmed))
}

func counter(of *prometheus.Desc, n uint64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(of, prometheus.CounterValue, float64(n), labels...)
}

func gauge(of *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(of, prometheus.GaugeValue, value, labels...)
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
