"""Pages of the frame itself: the first screen, health, errors and the style page."""
