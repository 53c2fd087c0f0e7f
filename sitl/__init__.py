"""Simulated fleets: an embedded vehicle that behaves as ArduPilot does, and ArduPilot SITL itself."""
