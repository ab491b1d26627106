"""Turns numbers into the geometry of plots: scales, ticks, paths and places for labels. It draws nothing.

Horizontal and vertical places are shares of the plot in per cent, so that one drawing fits every width while its text
keeps its size. The templates under `ui/charts/` draw what these functions return.
"""
