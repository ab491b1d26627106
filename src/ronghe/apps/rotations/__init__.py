"""Plans of rotations over machines, sites and mentors."""
