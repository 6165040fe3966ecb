package conformance

// Sections of protocol.md. A part of a long section goes by its bold words.
const (
	sectionMessage          = "§1 Message"
	sectionTransports       = "§2 Transports"
	sectionLogin            = "§3 Login"
	sectionOneSession       = "§3 One session a user"
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
)

// Reasons for which no case holds a requirement.
const (
	ofClients = "asked of a client, while this catalogue is for servers"
	ofProfile = "the target's configuration, which its profile states"
)

var messageRequirements = []Requirement{
	{"json-object", sectionMessage, "One message is one JSON object.", ""},
	{"field-order", sectionMessage, "The server writes the fields in the order of the table.", ""},
	{"null-left-out", sectionMessage, "The server leaves out fields that are null.", ""},
	{"escapes", sectionMessage, "The server escapes < > & = ' and the line separators.", ""},
	{"unquoted-names", sectionMessage, "Names without quotes are accepted.", ""},
	{"single-quotes", sectionMessage, "Single quotes are accepted.", ""},
	{"numbers-in-strings", sectionMessage, "Numbers in strings are accepted.", ""},
	{"unknown-fields", sectionMessage, "Unknown fields are accepted.", ""},
	{"invalid-utf8", sectionMessage, "Invalid UTF-8 is accepted and becomes U+FFFD.", ""},
	{"absent-fields", sectionMessage, "A field that is absent decodes to 0, false or null.", ""},
	{"trailing-text", sectionMessage, "Text after the object is an error.", ""},
	{"text-intact", sectionMessage, "A text may hold any character, and comes through as it was sent.", ""},
	{"echo", sectionMessage, "An echo is answered with type 53 and comes back as it was sent.", ""},
	{"login-response", sectionMessage, "A login is answered with type 50: a code and a first login time.", ""},
	{"keep-alive-response", sectionMessage, "A keep-alive is answered with type 51 and the content {}.", ""},
	{"error-response", sectionMessage, "An error is told with type 52: a code and a message.", ""},
	{"kick-out", sectionMessage, "A kick-out has type 54: code 1 for a duplicate login, 2 for an administrator, others are the application's, and a reason that may be absent.", ""},
	{"ack-form", sectionMessage, "An ACK has the fingerprint as its content, from and to swapped against the message, and the message's bridge.", ""},
	{"reserved-codes", sectionMessage, "An application's own login verdicts are 1025 and above.", "asked of the application behind the server, not of the server"},
}

var transportRequirements = []Requirement{
	{"default-ports", sectionTransports, "The default ports are 7901, 8901 and 3000.", ofProfile},
	{"datagram", sectionTransports, "One datagram is one message.", ""},
	{"datagram-limit", sectionTransports, "A datagram of up to 2048 bytes is taken; a longer one is cut, and so is no message.", ""},
	{"tcp-length", sectionTransports, "On TCP a 4-byte length goes before each body.", ""},
	{"tcp-chunks", sectionTransports, "TCP frames may come split at any byte, or several in one segment.", ""},
	{"tcp-limit", sectionTransports, "A TCP body of up to 6144 bytes is taken; a longer one closes the connection.", ""},
	{"tcp-negative", sectionTransports, "A negative length closes the connection.", ""},
	{"ws-text", sectionTransports, "One WebSocket text frame is one message.", ""},
	{"ws-limit", sectionTransports, "A WebSocket frame holds up to 65536 bytes.", ""},
	{"session-key", sectionTransports, "A session belongs to its connection, or on UDP to its remote address.", ""},
	{"server-closes", sectionTransports, "The server closes TCP with a FIN, WebSocket with a close frame and then a FIN; on UDP it forgets the session and sends nothing.", ""},
	{"tls", sectionTransports, "TLS can be switched on for TCP and WebSocket.", ofProfile + "; then every case runs over it"},
	{"ws-binary", sectionTransports, "A binary frame closes the connection.", ""},
	{"ws-fragments", sectionTransports, "A fragmented text message closes the connection, though RFC 6455 asks that it be accepted.", ""},
	{"ws-ping", sectionTransports, "A ping is answered by a pong.", ""},
	{"ws-ping-no-activity", sectionTransports, "A ping does not count as activity.", ""},
	{"ws-close-handshake", sectionTransports, "The close handshake is answered with the client's own code.", ""},
	{"ws-close-code", sectionTransports, "When the server closes by itself the code is 1000.", ""},
	{"ws-bad-frames", sectionTransports, "An unmasked frame, invalid UTF-8, a reserved opcode and a control frame over 125 bytes close the connection.", ""},
	{"ws-no-upgrade", sectionTransports, "A request for the path without an upgrade gets 400.", ""},
	{"ws-other-paths", sectionTransports, "Another path, and the path with a query, are not upgraded; the observed server does not answer them at all.", ""},
	{"ws-versions", sectionTransports, "Versions 8 and 13 are accepted.", ""},
	{"across-reach", sectionTransports, "A user on one transport reaches a user on any other.", ""},
	{"across-kick", sectionTransports, "A user is kicked across transports too.", ""},
}

var sessionRequirements = []Requirement{
	{"before-login", sectionLogin, "A session that is not logged in may send login, logout and echo.", ""},
	{"not-logged-in", sectionLogin, "Keep-alive, data and ACK before the login get error 301 to \"-1\", with the message re-encoded.", ""},
	{"not-logged-in-closed", sectionLogin, "After error 301 a stream is closed, UDP stays.", ""},
	{"login-nobody", sectionLogin, "A login that names no user, or has no content, gets no response: a stream is closed, UDP ignores it.", ""},
	{"login-not-json", sectionLogin, "A login whose content is not JSON is a bad message.", ""},
	{"login-accepted", sectionLogin, "Verdict 0 gets response code 0, to the user id.", ""},
	{"first-login-time", sectionLogin, "The response has the server's clock when the client sent 0 or less, else the client's value.", ""},
	{"login-refused", sectionLogin, "Another verdict gets that code, first login time -1, to \"-1\".", ""},
	{"login-refused-closed", sectionLogin, "After a refusal a stream is closed; UDP stays, not logged in.", ""},
	{"login-again", sectionLogin, "A login on a session that is logged in succeeds at once, and nobody is asked to verify it.", ""},
	{"registered-after", sectionLogin, "The user is registered just after the response was written.", ""},

	{"new-replaces", sectionOneSession, "A login with first login time 0 or less, or a later one, kicks the old session with code 1 and no reason, and takes over.", ""},
	{"equal-takes-over", sectionOneSession, "A login with the same first login time takes over and kicks nobody.", ""},
	{"old-logged-in", sectionOneSession, "The old session stays logged in then, but what is sent to the user goes to the new one.", ""},
	{"earlier-loses", sectionOneSession, "A login with an earlier first login time gets its response with code 0, then a kick with code 1; the old session stays.", ""},
	{"kicked-closed", sectionOneSession, "A kicked stream is closed after the kick-out.", ""},
	{"kicked-datagram", sectionOneSession, "A kicked UDP session is not closed, though safety asks that it be.", ""},

	{"keep-alive-registered", sectionKeepAlive, "The response goes to the session that is registered for the user of the session.", ""},
	{"keep-alive-to", sectionKeepAlive, "Its to is that user; the from of the request is not looked at.", ""},

	{"expiry", sectionExpiry, "A session without an inbound message for the time of its sense mode is closed.", ""},
	{"expiry-unlogged", sectionExpiry, "A connection that has not logged in is closed after the same time.", ""},
	{"activity", sectionExpiry, "Every message counts as activity.", ""},
	{"no-activity-sent", sectionExpiry, "What the server sends does not count.", ""},
	{"no-activity-partial", sectionExpiry, "The bytes of a frame that is not complete yet do not count.", ""},
	{"expired-datagram", sectionExpiry, "A UDP session that expired answers with 301.", ""},
	{"heartbeat-pace", sectionExpiry, "A client sends keep-alives at the pace of its sense mode, which keeps it logged in.", ""},
	{"give-up", sectionExpiry, "A client without a keep-alive response for the time of its sense mode closes its socket and logs in again.", ofClients},
	{"login-after-301", sectionExpiry, "A client that gets 301 stops its heartbeat and logs in again after an interval.", ofClients},

	{"logout", sectionLogout, "A logout closes the session; on UDP the next message gets 301.", ""},
	{"unknown-type", sectionUnknownType, "A message of an unknown type, or of one that only a server sends, is ignored.", ""},
	{"bad-message", sectionBadMessage, "What is not JSON, has a field of a wrong type, is null or an array, or is empty, ends a stream's session.", ""},
	{"bad-datagram", sectionBadMessage, "A bad message ends the session on UDP too, though safety asks that it do not.", ""},
	{"empty-datagram", sectionBadMessage, "An empty datagram is ignored.", ""},
}

var qosRequirements = []Requirement{
	{"c2s-ack", sectionC2S, "Every copy of a QoS message to the server is acknowledged, from \"0\", to the message's from.", ""},
	{"c2s-once", sectionC2S, "The application sees each fingerprint once.", ""},
	{"c2s-memory", sectionC2S, "Fingerprints are remembered for 10 min after the last copy, swept every 5 min.", ""},
	{"c2s-no-qos", sectionC2S, "Without QoS there is no ACK and no dedup.", ""},
	{"c2s-nameless", sectionC2S, "QoS without a fingerprint closes the session.", ""},

	{"c2c-passed", sectionC2C, "A message between users is passed on with the same content to the receiver's registered session.", ""},
	{"c2c-from", sectionC2C, "Its from is not checked against the login, though safety asks that it be.", ""},
	{"c2c-ack", sectionC2C, "When QoS and written to the receiver, the server acknowledges it to the sender, from the receiver.", ""},
	{"c2c-copies", sectionC2C, "A further copy is passed on again and acknowledged again.", ""},
	{"c2c-receipt", sectionC2C, "The receiver's ACK is not passed to the sender.", ""},
	{"c2c-no-qos", sectionC2C, "Without QoS it is passed on and not acknowledged.", ""},
	{"c2c-oneself", sectionC2C, "A message to oneself comes back, then its ACK.", ""},
	{"c2c-offline", sectionC2C, "To a user who is not online it is acknowledged only when it is QoS and the application stores it.", ""},

	{"s2c", sectionS2C, "A message of the application comes from \"0\".", ""},
	{"s2c-receipt", sectionS2C, "The client acknowledges it from itself to \"0\".", ofClients},

	{"retransmitted", sectionServerRetransmit, "An unacknowledged QoS message is sent again once, the same, 2 to 7 s after the first copy.", ""},
	{"retransmitted-where", sectionServerRetransmit, "The second copy goes to the session that is registered for the user by then.", ""},
	{"lost", sectionServerRetransmit, "5 s after the second copy it is declared lost.", ""},
	{"ack-stops", sectionServerRetransmit, "An ACK by fingerprint, from any session that is logged in, stops it.", ""},

	{"client-retransmission", sectionClientRetransmit, "A client sends an unacknowledged message again twice at most, 3 to 8 s and 5 s after the copy before.", ofClients},
	{"client-dedup", sectionClientDedup, "A client acknowledges a known fingerprint again and does not show it again.", ofClients},
	{"client-refused-no-ack", sectionClientDedup, "A client does not acknowledge a login response whose code is not 0.", ofClients},

	{"stamp", sectionStamp, "A server that stamps puts its clock into every message that it sends.", ""},
	{"stamp-fresh", sectionStamp, "A retransmission gets a fresh stamp.", ""},
}

var applicationRequirements = []Requirement{
	{"told-verify", sectionApplication, "The application is asked to verify a login.", ""},
	{"told-login", sectionApplication, "It is told of a login.", ""},
	{"told-logout", sectionApplication, "It is told once of a session that expired, closed or logged out, with -1.", ""},
	{"told-kick", sectionApplication, "It is told of a session that an administrator kicked, with the kick code, on TCP and WebSocket.", ""},
	{"told-not-replaced", sectionApplication, "It is not told of the old session of a user that a new one has replaced.", ""},
	{"kick-datagram", sectionApplication, "An administrator's kick does not end a UDP session, though safety asks that it do.", ""},
	{"veto", sectionApplication, "A message that the application vetoes is neither acknowledged nor delivered.", ""},
	{"told-c2s", sectionApplication, "It is told of a message to the server once for each fingerprint.", ""},
	{"told-c2c", sectionApplication, "It is told of a message between users each time it was written to the receiver.", ""},
	{"told-offline", sectionApplication, "It is asked about a message to a user who is not online, and stores it or does not.", ""},
	{"told-lost", sectionApplication, "It is told of messages that are lost.", ""},
	{"told-received", sectionApplication, "It is told of an ACK.", ""},
}
