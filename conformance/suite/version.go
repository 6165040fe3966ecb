package suite

// ProtocolVersion is the version of docs/protocol.md, which has the Requirements: that of
// the observed server. The document states it too.
const ProtocolVersion = "6.5"
