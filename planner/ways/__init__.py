"""Shortest legal ways through what is closed: between tracks, from a base, and home."""
