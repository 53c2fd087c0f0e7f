"""The life of a mission: file, plan, flight, report, and the command line."""
