package client

import "time"

// Remembered is how many fingerprints of messages a client remembers, so that it
// knows copies of them (docs/protocol.md §4 Client dedup). They take some 55 KiB.
// A client that receives more than half as many within the time in which messages
// are sent again would take late copies for new, so that a load with a higher rate
// for each client has it remember more.
const Remembered = 2048

// YoungSession is the age of a session below which a client that loses it, and has
// lost the one before as young, pauses before it logs in again.
const YoungSession = time.Second
