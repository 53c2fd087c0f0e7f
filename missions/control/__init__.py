"""Mission control: the one Qt-free place that decides what a fleet does, for GUI and command line alike."""
