package suite

var sessionRequirements = []Requirement{
	{"before-login", sectionLogin, "A session that is not logged in may send login, logout and echo.", Servers, ""},
	{"not-logged-in", sectionLogin, "Keep-alive, data and ACK before the login get error 301 to \"-1\", whose message is the offending message re-encoded.", Servers, ""},
	{"not-logged-in-closed", sectionLogin, "After error 301 a stream is closed, while a UDP session stays.", Servers, ""},
	{"login-nobody", sectionLogin, "A login whose user ID is absent or null, or that has no content, gets no response: a stream is closed, and UDP ignores it.", Servers, ""},
	{"login-not-json", sectionLogin, "A login whose content is not JSON is a bad message.", Servers, ""},
	{"login-accepted", sectionLogin, "Verdict 0 gets a response with code 0, to the user ID.", Servers, ""},
	{"first-login-time", sectionLogin, "The response to an accepted login has the server's clock as first login time when the client sent 0 or less, and the client's value unchanged otherwise.", Servers, ""},
	{"login-refused", sectionLogin, "Any verdict other than 0 gets a response with that code and first login time -1, to \"-1\".", Servers, ""},
	{"login-refused-closed", sectionLogin, "After a refused login a stream is closed, while a UDP session stays, not logged in.", Servers, ""},
	{"login-again", sectionLogin, "A login on a session that is logged in succeeds at once, without the application being asked to verify it.", Servers, ""},
	{"login-another", sectionLogin, "A login as another user on a session that is logged in makes the session that user's.", Servers, ""},
	{"registered-after", sectionLogin, "The user is registered just after the login response was written.", Servers, ""},
	{"client-login", sectionLogin, "A client's login goes from its user to \"0\", with the user, the token and the extra that it was given, and first login time 0 until the server has given it one.", Clients, ""},
	{"client-login-reported", sectionLogin, "A client is logged in by a response with code 0, whenever that comes, and reports it once.", Clients, ""},
	{"client-login-refused", sectionLogin, "A client whose login is refused reports the code once, and until it is told to log in again it sends neither a login nor keep-alives.", Clients, ""},

	{"new-replaces", sectionOneSession, "A login with first login time 0 or less, or with a later one than the old session, kicks the old session with code 1 and no reason, and takes over.", Servers, ""},
	{"equal-takes-over", sectionOneSession, "A login with the same first login time takes over, and nobody is kicked.", Servers, ""},
	{"old-logged-in", sectionOneSession, "A session whose user was taken over by an equal login stays logged in, but what is sent to the user goes to the new one.", Servers, ""},
	{"earlier-loses", sectionOneSession, "A login with an earlier first login time gets its response with code 0 and then a kick with code 1, while the old session stays.", Servers, ""},
	{"loser-not-logged-in", sectionOneSession, "A session whose first login lost is not logged in.", Servers, ""},
	{"kicked-closed", sectionOneSession, "A kicked stream is closed after the kick-out message.", Servers, ""},
	{"kicked-datagram", sectionOneSession, "A kicked UDP session is not closed, though safety asks that it be.", Servers, ""},
	{"client-kicked", sectionOneSession, "A client that is kicked out reports the code and the reason once, and until it is told to log in again it sends neither a login nor keep-alives.", Clients, ""},

	{"keep-alive-registered", sectionKeepAlive, "The response to a keep-alive goes to the session that is registered for the user of the session.", Servers, ""},
	{"keep-alive-to", sectionKeepAlive, "The to of a keep-alive response is the user of the session, whatever the from of the request says.", Servers, ""},

	{"expiry", sectionExpiry, "A session that receives no message for the time of its sense mode is closed then, and not before.", Servers, ""},
	{"expiry-unlogged", sectionExpiry, "A connection that has not logged in is closed after the time of its sense mode as well.", Servers, ""},
	{"activity", sectionExpiry, "Every message that the server receives counts as activity, an echo included.", Servers, ""},
	{"no-activity-sent", sectionExpiry, "What the server sends does not count as activity.", Servers, ""},
	{"no-activity-partial", sectionExpiry, "The bytes of a frame that is not complete yet do not count as activity.", Servers, ""},
	{"expired-datagram", sectionExpiry, "A UDP session that has expired is answered with error 301.", Servers, ""},
	{"default-sense-modes", sectionExpiry, "Unless configured otherwise TCP and WebSocket run in 15S, and UDP in 3S.", Servers, ofProfile},
	{"heartbeat-pace", sectionExpiry, "A client sends keep-alives at the pace of its sense mode, which keeps it logged in.", Servers, ""},
	{"client-heartbeat", sectionExpiry, "A client that is logged in sends {} as a keep-alive to \"0\" at the interval of its sense mode, whatever else it sends and receives.", Clients, ""},
	{"give-up", sectionExpiry, "A client without a keep-alive response for the time of its sense mode, which it checks every 2 s, closes its socket and reports the link closed.", Clients, ""},
	{"login-after-give-up", sectionExpiry, "A client that gave up logs in again with the first login time it was given, at once and after that every 3 s on TCP and every 2 s on UDP.", Clients, ""},
	{"login-after-301", sectionExpiry, "A client that gets error 301 stops its heartbeat, and starts to log in again after one interval of its login attempts, or at once when its stream ends as well.", Clients, ""},

	{"logout", sectionLogout, "A logout closes the session, and on UDP the next message gets error 301.", Servers, ""},
	{"client-logout", sectionLogout, "A client that is told to log out sends one logout to \"0\", and nothing of that session after it.", Clients, ""},

	{"unknown-type", sectionUnknownType, "A message of an unknown type, or of a type from 50 to 54, which only a server sends, is ignored, and the session stays.", Servers, ""},
	{"client-unknown", sectionUnknownType, "A client ignores messages of types that it does not know, and fields that it does not know.", Clients, ""},

	{"bad-message", sectionBadMessage, "A bad message closes a stream.", Servers, ""},
	{"bad-datagram", sectionBadMessage, "A bad message ends the session on UDP too, though safety asks that the session stay.", Servers, ""},
	{"empty-datagram", sectionBadMessage, "An empty datagram ends the session of its address, though safety asks that the session stay.", Servers, ""},
	{"empty-datagram-stranger", sectionBadMessage, "An empty datagram from an address without a session has no visible effect.", Servers, ""},
	{"client-bad-message", sectionBadMessage, "A client ignores a bad message, and stays logged in.", Clients, ""},
}

var qosRequirements = []Requirement{
	{"c2s-ack", sectionC2S, "Every copy of a QoS message to the server is acknowledged, from \"0\", to the from of the message.", Servers, ""},
	{"c2s-once", sectionC2S, "The application sees each fingerprint of a message to the server once.", Servers, ""},
	{"c2s-memory", sectionC2S, "The fingerprints of messages to the server are remembered for 10 min after the last copy, and swept every 5 min.", Servers, ""},
	{"c2s-no-qos", sectionC2S, "A message to the server without QoS gets no ACK and no dedup.", Servers, ""},
	{"c2s-nameless", sectionC2S, "A message to the server with QoS but without a fingerprint closes the session, unless the application vetoes it.", Servers, ""},
	{"client-data", sectionC2S, "A client's message has the receiver, the content, QoS, typeu and the fingerprint that it was given, or one that no other message has, and one without QoS is sent once.", Clients, ""},

	{"c2c-passed", sectionC2C, "A message between users is passed on with the same content to the session that is registered for the receiver.", Servers, ""},
	{"c2c-from", sectionC2C, "The from of a message between users is not checked against the login, though safety asks that it be.", Servers, ""},
	{"c2c-ack", sectionC2C, "A QoS message between users that was written to the receiver's socket is acknowledged by the server to its from, in the receiver's name.", Servers, ""},
	{"c2c-copies", sectionC2C, "A further copy of a message between users is passed on again and acknowledged again.", Servers, ""},
	{"c2c-receipt", sectionC2C, "The receiver's ACK of a message between users is not passed to the sender.", Servers, ""},
	{"c2c-no-qos", sectionC2C, "A message between users without QoS is passed on and not acknowledged.", Servers, ""},
	{"c2c-oneself", sectionC2C, "A message to oneself comes back, and its ACK comes too.", Servers, ""},
	{"c2c-offline", sectionC2C, "A message to a user who is not online is acknowledged only when it has QoS and the application stores it.", Servers, ""},

	{"s2c", sectionS2C, "A message of the server's application comes from \"0\".", Servers, ""},
	{"s2c-receipt", sectionS2C, "A client acknowledges a message of the application from itself to \"0\".", Clients, ""},
	{"client-no-qos", sectionS2C, "A client shows a message without QoS, and does not acknowledge it.", Clients, ""},

	{"retransmitted", sectionServerRetransmit, "A QoS message from the server that is not acknowledged is sent again exactly once, byte for byte the same but for its stamp, 2 to 7 s after the first copy.", Servers, ""},
	{"retransmitted-where", sectionServerRetransmit, "The second copy of a message goes to the session that is registered for the user by then.", Servers, ""},
	{"lost", sectionServerRetransmit, "A message that is still not acknowledged 5 s after its second copy is declared lost to the application.", Servers, ""},
	{"ack-stops", sectionServerRetransmit, "An ACK by fingerprint that comes at least 500 ms after the copy, from any session that is logged in, always stops the retransmission.", Servers, ""},
	{"ack-missed", sectionServerRetransmit, "An ACK that comes within 500 ms of the copy stops the retransmission too, though the observed server may miss it, once.", Servers, ""},

	{"client-retransmission", sectionClientRetransmit, "A client sends a message that is not acknowledged again at most twice, with the same bytes, 3 to 8 s after the first copy and 5 s after the second, and reports it lost 5 s after the third.", Clients, ""},
	{"client-acked", sectionClientRetransmit, "A client reports the ACK of its message, which ends the retransmission, and an ACK of any other message changes nothing.", Clients, ""},

	{"client-dedup", sectionClientDedup, "A client acknowledges a QoS message whose fingerprint it knows again, and does not show it again.", Clients, ""},
	{"client-memory", sectionClientDedup, "A client remembers fingerprints for 10 min, sweeps them every 5 min, and forgets them at a logout.", Clients, ""},
	{"client-refused-no-ack", sectionClientDedup, "A client does not acknowledge a login response whose code is not 0.", Clients, ""},

	{"stamp", sectionStamp, "A server that stamps puts its clock into the sm of every message that it sends.", Servers, ""},
	{"stamp-fresh", sectionStamp, "A retransmission gets a fresh stamp.", Servers, ""},
}

var applicationRequirements = []Requirement{
	{"told-verify", sectionApplication, "The application is asked once to verify each login on a session that is not logged in.", Servers, ""},
	{"verify-nobody", sectionApplication, "The application is not asked to verify a login that names nobody or whose content is not JSON.", Servers, ""},
	{"told-login", sectionApplication, "The application is told of a login.", Servers, ""},
	{"told-loser", sectionApplication, "The application is told neither of a login that lost against an older session of the same user nor of the end of the session that it came on.", Servers, ""},
	{"told-logout", sectionApplication, "The application is told once of a session that expired, closed or logged out, with code -1.", Servers, ""},
	{"told-kick", sectionApplication, "The application is told once of a session on TCP or WebSocket that an administrator kicked, with the kick code.", Servers, ""},
	{"told-not-replaced", sectionApplication, "The application is not told of the end of a session that a new session of the same user has replaced, unless it is closed while the new one is being registered.", Servers, ""},
	{"told-stranger", sectionApplication, "The application is not told of the end of a session that was not logged in.", Servers, ""},
	{"kick-datagram", sectionApplication, "An administrator's kick does not end a UDP session, which stays logged in until it expires, though safety asks that it end.", Servers, ""},
	{"asked-before", sectionApplication, "The application is asked before a message to the server or between users is handled.", Servers, unseen},
	{"veto", sectionApplication, "A message that the application vetoes is neither acknowledged nor delivered.", Servers, ""},
	{"told-refused", sectionApplication, "The application is not told of a message that was refused with error 301.", Servers, ""},
	{"told-c2s", sectionApplication, "The application is told of a message to the server once for each fingerprint.", Servers, ""},
	{"told-c2c", sectionApplication, "The application is told of a message between users each time it was written to the receiver.", Servers, ""},
	{"told-offline", sectionApplication, "The application is asked about each copy of a message to a user who is not online, and stores it or does not.", Servers, ""},
	{"told-lost", sectionApplication, "The application is told of messages that are lost.", Servers, ""},
	{"told-received", sectionApplication, "The application is told of each ACK.", Servers, ""},
	{"told-as-sent", sectionApplication, "What the application is told of a message between users or to the server is the message as it was sent.", Servers, ""},
}

var bridgeRequirements = []Requirement{
	{"bridge-queues", sectionBridge, "A server declares and publishes to the durable queue q_app2web, and consumes the durable queue q_web2app with manual ACK, which it does not declare and looks for every 5 s until it exists.", Servers, ""},
	{"bridge-body", sectionBridge, "A body on the bridge is the JSON of a message, persistent (delivery mode 2), of content type text/plain.", Servers, ""},
	{"bridge-published", sectionBridge, "A message between users whose receiver is not online here is published, and acknowledged to the sender when it has QoS.", Servers, ""},
	{"bridge-copies", sectionBridge, "A further copy of a message that was published is acknowledged and not published again.", Servers, ""},
	{"bridge-failed", sectionBridge, "A message that cannot be published is handled as one to a user who is not online.", Servers, ofBrokers},
	{"bridge-push", sectionBridge, "A message of the application to a user who is not online here is not published by the plain local send.", Servers, ofControl},
	{"bridge-delivered", sectionBridge, "A message from the bridge is delivered to its receiver with QoS true and bridge true, whatever it said.", Servers, ""},
	{"bridge-ack", sectionBridge, "The receiver's ACK of a message from the bridge has bridge true and ends at the server.", Servers, ""},
	{"bridge-offline", sectionBridge, "A message from the bridge whose receiver is not online goes to the offline handler of the application.", Servers, ""},
	{"bridge-not-json", sectionBridge, "A body on the bridge that is not JSON is acknowledged to the broker and dropped.", Servers, ""},
	{"bridge-once", sectionBridge, "No message on the bridge is redelivered.", Servers, ""},
}
