"""Put a plan on vehicles over MAVLink and report the truth back."""
