package transport

// AcceptKey lets tests answer a handshake in a server's place.
var AcceptKey = acceptKey
