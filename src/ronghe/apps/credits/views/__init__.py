"""The pages of the credit bank."""
