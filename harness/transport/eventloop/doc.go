// Package eventloop has the client's ends of very many connections on one
// goroutine: TCP, WebSocket and UDP over non-blocking sockets, an epoll
// instance, and system calls that carry many datagrams each, or the reads and
// writes of many streams (io_uring, where the system has it and allows it). A
// connection holds buffers only while a frame is incomplete or not written yet.
//
// It exists on Linux only; elsewhere the package is empty, and transport.Dial
// with a goroutine a connection does the same work. TLS is not for it either.
package eventloop
