"""Which drone flies which tracks in which order: the fleet problem, where its search begins, and two that improve it."""
