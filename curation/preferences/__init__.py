"""What reviewers preferred: every edit of an answer over the one before it, and answers rejected with a reason."""
