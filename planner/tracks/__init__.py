"""What is flown to see the ground, lines and points: cells, lanes over them, and what mends their gaps."""
