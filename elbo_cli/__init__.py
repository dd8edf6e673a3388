"""The command `elbo-ref`: the roof of the house, which imports a room when a subcommand needs it."""

import sys

from elbo_cli.alone import refuse_company

if sys.argv[1:2] == ["verify"]:  # here, for whatever is imported next may be what took the place of something else
    refuse_company()
