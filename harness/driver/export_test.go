package driver

// Split is split.
var Split = split
