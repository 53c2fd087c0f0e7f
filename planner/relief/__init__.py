"""Flying over hills: the surface drones keep to above a terrain, and legs along it in few points."""
