package client

import "time"

// Remembered is the default number of fingerprints that a client remembers to
// recognise duplicates (docs/protocol.md §4 Client dedup). They take some 55 KiB. A
// client that receives more than half as many within the time of a message's
// retransmissions would take late copies for new messages, so that a load with a
// higher rate for each client has to set Config.Remembered.
const Remembered = 2048

// YoungSession is the age below which a lost session counts as young. After two young
// sessions in a row a client pauses before it logs in again.
const YoungSession = time.Second
