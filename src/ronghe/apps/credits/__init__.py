"""The credit bank: what was achieved, converted by dated rules into credits that are banked, moved, used, reversed."""
