"""What a proof says: measures with intervals, the verdict, and the report that people read."""
