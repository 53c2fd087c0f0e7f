"""Who sweeps which ground: the area divided between nations, their types of drone, and bands along long borders."""
