"""The pages of the mentors app."""
