"""The forms an export is written in, beside its canonical pairs."""
