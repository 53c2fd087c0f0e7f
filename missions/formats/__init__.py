"""Plans written as files of other tools: one module a format, one table of all of them in `registry`."""
