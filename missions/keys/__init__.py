"""Signing keys of aircraft: where they are kept, how they get on board, and how far their time has come."""
