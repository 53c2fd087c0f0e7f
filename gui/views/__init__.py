"""Thin Qt views: each draws one model and asks through actions; none reads another."""
