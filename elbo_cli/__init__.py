"""The command `elbo-ref`: the roof of the house, which imports a room when a subcommand needs it."""
