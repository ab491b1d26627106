"""Where work runs: in this process, in a pool of local processes, or on Spark. What is done belongs to
`methods`.
"""
