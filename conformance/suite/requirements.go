package suite

// Sections of docs/protocol.md, by their headings.
const (
	sectionMessage          = "§1 Message"
	sectionEncoding         = "§1 Encoding"
	sectionTypes            = "§1 Types"
	sectionCodes            = "§1 Codes"
	sectionTransports       = "§2 Transports"
	sectionUDP              = "§2 UDP"
	sectionTCP              = "§2 TCP"
	sectionWebSocket        = "§2 WebSocket"
	sectionAcross           = "§2 Across transports"
	sectionLogin            = "§3 Login"
	sectionOneSession       = "§3 One session per user"
	sectionKeepAlive        = "§3 Keep-alive"
	sectionExpiry           = "§3 Expiry"
	sectionLogout           = "§3 Logout"
	sectionUnknownType      = "§3 Unknown type"
	sectionBadMessage       = "§3 Bad message"
	sectionC2S              = "§4 C → S"
	sectionC2C              = "§4 C → C"
	sectionS2C              = "§4 S → C"
	sectionServerRetransmit = "§4 Server retransmission"
	sectionClientRetransmit = "§4 Client retransmission"
	sectionClientDedup      = "§4 Client dedup"
	sectionStamp            = "§4 sm"
	sectionApplication      = "§5 Application"
	sectionBridge           = "§6 Bridge"
)

// Reasons for which no case checks a requirement.
const (
	ofApplication = "asked of the application behind the server, not of the server"
	ofBrokers     = "a case would have to stop the broker, which others use"
	ofControl     = "the control API refuses to send to a user who is not online"
	ofNobody      = "the observed server and RFC 6455 contradict each other, so either is accepted"
	ofProfile     = "the target's configuration, which its profile states"
	unseen        = "the control API has no event for it: that a veto works shows it"
)

var messageRequirements = []Requirement{
	{"json-object", sectionMessage, "One message is one JSON object in UTF-8.", Servers, ""},

	{"field-order", sectionEncoding, "The server writes the fields in the order of the table of fields.", Servers, ""},
	{"null-left-out", sectionEncoding, "The server leaves out fields that are null.", Servers, ""},
	{"escapes", sectionEncoding, "The server escapes < > & = ' and the line separators U+2028 and U+2029.", Servers, ""},
	{"unquoted-names", sectionEncoding, "Names without quotes are accepted.", Servers, ""},
	{"single-quotes", sectionEncoding, "Single quotes are accepted in place of double ones.", Servers, ""},
	{"numbers-in-strings", sectionEncoding, "Numbers in strings, such as \"type\":\"5\", are accepted.", Servers, ""},
	{"unknown-fields", sectionEncoding, "Unknown fields are accepted and ignored.", Servers, ""},
	{"invalid-utf8", sectionEncoding, "On UDP and TCP invalid UTF-8 is accepted, and becomes U+FFFD.", Servers, ""},
	{"absent-fields", sectionEncoding, "A field that is absent from the input decodes to 0, false or null, not to the default of the table.", Servers, ""},
	{"trailing-text", sectionEncoding, "Text after the object is an error.", Servers, ""},
	{"text-intact", sectionEncoding, "A text may hold any character, and comes through as it was sent.", Servers, ""},

	{"echo", sectionTypes, "An echo is answered with type 53 and comes back as it was sent.", Servers, ""},
	{"login-response", sectionTypes, "A login is answered with type 50, which has a code and a first login time.", Servers, ""},
	{"keep-alive-response", sectionTypes, "A keep-alive is answered with type 51 and the content {}.", Servers, ""},
	{"error-response", sectionTypes, "An error is reported with type 52, which has a code and a message.", Servers, ""},
	{"kick-out", sectionTypes, "A kick-out has type 54, with code 1 for a duplicate login, 2 for an administrator, any other for the application, and a reason that may be absent.", Servers, ""},
	{"ack-form", sectionTypes, "The server's ACK has the fingerprint as its content, from and to of the message swapped, and bridge false.", Servers, ""},
	{"client-ack-bridge", sectionTypes, "A client's ACK has the form of the server's, but copies the bridge of the message.", Clients, ""},
	{"client-text", sectionTypes, "A client shows the text of a message as it was sent, with its sender and its typeu.", Clients, ""},

	{"reserved-codes", sectionCodes, "Codes 0 to 1024 are reserved, and an application's own login verdicts are 1025 and above.", Servers, ofApplication},
}

var transportRequirements = []Requirement{
	{"default-ports", sectionTransports, "The default ports are 7901 for UDP, 8901 for TCP and 3000 for WebSocket.", Servers, ofProfile},
	{"session-key", sectionTransports, "A session belongs to its connection, or on UDP to its remote address and port.", Servers, ""},
	{"server-closes", sectionTransports, "The server closes TCP with a FIN and WebSocket with a close frame and then a FIN, while on UDP it forgets the session and sends nothing.", Servers, ""},
	{"tls", sectionTransports, "TLS can be switched on for TCP and for WebSocket (wss).", Servers, ofProfile + "; then every case runs over it"},

	{"datagram", sectionUDP, "One datagram is one message.", Servers, ""},
	{"datagram-limit", sectionUDP, "A datagram of up to 2048 bytes is accepted, while a longer one is cut and so is a bad message.", Servers, ""},

	{"tcp-length", sectionTCP, "Each TCP body is preceded by its length in 4 bytes, big-endian.", Servers, ""},
	{"tcp-chunks", sectionTCP, "TCP frames may arrive split at any byte, or several in one segment.", Servers, ""},
	{"tcp-limit", sectionTCP, "A TCP body of up to 6144 bytes is accepted, and a longer one closes the connection.", Servers, ""},
	{"tcp-negative", sectionTCP, "A negative length of a TCP body closes the connection.", Servers, ""},
	{"client-tcp-frames", sectionTCP, "A client takes TCP frames that arrive split at any byte, or several in one segment, with bodies of up to 6144 bytes.", Clients, ""},

	{"ws-no-upgrade", sectionWebSocket, "A request for the WebSocket path without an upgrade gets status 400.", Servers, ""},
	{"ws-other-paths", sectionWebSocket, "A request for another path, or for the path with a query, is not upgraded and gets no answer at all, though common sense asks for an HTTP error.", Servers, ""},
	{"ws-versions", sectionWebSocket, "Versions 8 and 13 of the WebSocket protocol are accepted.", Servers, ""},
	{"ws-text", sectionWebSocket, "One WebSocket text frame is one message.", Servers, ""},
	{"ws-limit", sectionWebSocket, "A WebSocket frame of up to 65536 bytes is accepted, and a longer one closes the connection.", Servers, ""},
	{"ws-binary", sectionWebSocket, "A binary WebSocket frame closes the connection.", Servers, ""},
	{"ws-fragments", sectionWebSocket, "Each fragment is taken for a message of its own, so that a text message in fragments closes the connection unless its first fragment is a whole JSON object, which is then answered, though RFC 6455 asks for the fragments to be put together.", Servers, ""},
	{"ws-ping", sectionWebSocket, "A WebSocket ping is answered by a pong.", Servers, ""},
	{"ws-ping-no-activity", sectionWebSocket, "A WebSocket ping does not count as activity.", Servers, ""},
	{"ws-bad-frames", sectionWebSocket, "An unmasked frame, invalid UTF-8, a reserved opcode and a control frame over 125 bytes close the connection.", Servers, ""},
	{"ws-control-fragmented", sectionWebSocket, "A control frame in fragments closes the connection.", Servers, ""},
	{"ws-continuation-alone", sectionWebSocket, "A continuation frame without a message to continue closes the connection.", Servers, ""},
	{"ws-close-one-byte", sectionWebSocket, "A close frame with a payload of one byte closes the connection as a violation of RFC 6455.", Servers, ""},
	{"ws-reserved-bits", sectionWebSocket, "The three reserved bits of a WebSocket frame are ignored, though RFC 6455 asks the server to close the connection.", Servers, ofNobody},
	{"ws-close-handshake", sectionWebSocket, "A client's close frame is answered with the client's own code and text.", Servers, ""},
	{"ws-close-invalid-code", sectionWebSocket, "A client's close frame with a code that must not be sent, such as 999, is answered with code 1000.", Servers, ""},
	{"ws-close-code", sectionWebSocket, "When the server closes a WebSocket by itself, its last close frame has code 1000 and the text Bye.", Servers, ""},
	{"ws-close-violation", sectionWebSocket, "On a violation of RFC 6455 the server sends a close frame with code 1002 and a reason, and then the one with code 1000, though either of them is enough.", Servers, ""},
	{"ws-close-too-big", sectionWebSocket, "On a frame over 65536 bytes the server sends a close frame with code 1009 and a reason, and then the one with code 1000, though either of them is enough.", Servers, ""},
	{"client-ws-frames", sectionWebSocket, "A client on WebSocket puts fragments together and answers a ping with a pong, as RFC 6455 asks.", Clients, ""},

	{"across-reach", sectionAcross, "A user on one transport reaches a user on any other.", Servers, ""},
	{"across-kick", sectionAcross, "A user is kicked across transports too.", Servers, ""},
}
