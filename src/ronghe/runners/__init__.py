"""Where work runs: in this process, in a pool of local processes, or on Spark. What the work is belongs to `methods`."""
