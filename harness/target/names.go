package target

import "imcheck/protocol/controlapi"

// Names of the contract, for those who look at a target: see controlapi.
type (
	Info         = controlapi.Info
	Capability   = controlapi.Capability
	Capabilities = controlapi.Capabilities
	EventName    = controlapi.EventName
)

// Capabilities.
const (
	CapabilityS2C          = controlapi.CapabilityS2C
	CapabilityKick         = controlapi.CapabilityKick
	CapabilityOnline       = controlapi.CapabilityOnline
	CapabilityEvents       = controlapi.CapabilityEvents
	CapabilityVerdicts     = controlapi.CapabilityVerdicts
	CapabilityOfflineStore = controlapi.CapabilityOfflineStore
	CapabilityVeto         = controlapi.CapabilityVeto
	CapabilityStamp        = controlapi.CapabilityStamp
	CapabilityBridge       = controlapi.CapabilityBridge
)

// Names of events.
const (
	EventVerify   = controlapi.EventVerify
	EventLogin    = controlapi.EventLogin
	EventLogout   = controlapi.EventLogout
	EventC2S      = controlapi.EventC2S
	EventC2C      = controlapi.EventC2C
	EventOffline  = controlapi.EventOffline
	EventLost     = controlapi.EventLost
	EventReceived = controlapi.EventReceived
)
