// Package eventloop runs the client's ends of very many connections on one goroutine:
// TCP, WebSocket and UDP over non-blocking sockets, with epoll, and with system calls
// for many datagrams at once, or for the reads and writes of many streams (io_uring, if
// the system has it and allows it). A connection holds buffers only while a frame is
// incomplete or not written yet, and the state of its TLS if there is TLS.
//
// It works on Linux only. Elsewhere the package is empty, and
// transport.Dial with a goroutine for each connection does the same work.
package eventloop
