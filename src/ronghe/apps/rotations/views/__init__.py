"""The pages of rotations."""
