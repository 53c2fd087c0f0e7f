"""Turn a mission specification into a checked plan: pure functions over frozen data, metres and seconds."""
