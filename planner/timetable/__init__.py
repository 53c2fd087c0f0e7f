"""When and how high: sorties of timed legs, kept apart from one another."""
