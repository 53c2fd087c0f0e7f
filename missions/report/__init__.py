"""What a flight was worth, told from its log alone: figures, verdict, map and page."""
