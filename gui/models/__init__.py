"""What the desktop knows, without Qt: scene, viewport, fleet, selection; views draw these and own nothing."""
