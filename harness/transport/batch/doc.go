// Package batch makes one system call of many: it receives and sends datagrams by the dozen
// (recvmmsg, sendmmsg), and reads and writes many streams at once (io_uring, if the system has
// it and allows it), and checks the deadlines of many. The event loops of clients and the listeners of servers share it. It works
// on Linux only; elsewhere the package is empty.
package batch
