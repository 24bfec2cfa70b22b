"""What makes a pair a bad example: answers that say nothing, that are old, rude or dangerous, and why."""
