"""The site's frame: settings, addresses, base templates, the design system; it holds no rule of the community."""
