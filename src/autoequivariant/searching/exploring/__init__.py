"""The search itself: what is trained, in which order, until when."""
