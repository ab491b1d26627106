"""Pages of the registry, a module a subject; rules stand in the services and permissions in `rules`."""
