"""One module for each screen; each has one function `show`."""
