"""The pages of the curriculum: thin edges over selectors and services."""
