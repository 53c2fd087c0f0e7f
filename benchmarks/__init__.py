"""Measurements of the planner against data and against itself; none of them is a test."""
