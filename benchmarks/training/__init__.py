"""Training and the credit bank."""
