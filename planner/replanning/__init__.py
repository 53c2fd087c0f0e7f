"""What is left of a plan that is being flown, divided anew."""
