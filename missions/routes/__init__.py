"""Routes that other programs wrote, read back: missions, fences and rally points, for checking, flying and drawing areas from."""
