"""Template tags of the design system: `ui` for components, `charts` for plots."""
