"""What managers steer by: each figure is defined once, in measures, and read by every page."""
