package content

import "imcheck/reports"

// JudgedWords says what a conformance run judged, and by which version of the protocol;
// "" when the report knows neither.
func JudgedWords(c *reports.Conformance) string {
	identity, version := c.Target.Identity(), ProtocolWords(c)
	if identity != "" && version != "" {
		return identity + ", by " + version
	}
	return identity + version
}

// ProtocolWords names the version of the protocol that a run judged by, such as
// "version 6.5 of the protocol"; "" when the report does not say it.
func ProtocolWords(c *reports.Conformance) string {
	if c.ProtocolVersion == "" {
		return ""
	}
	return "version " + c.ProtocolVersion + " of the protocol"
}
