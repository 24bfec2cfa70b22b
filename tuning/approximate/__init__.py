"""What makes training cheaper by changing it: never taken unless it is asked for by name."""
