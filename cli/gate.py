"""The command `gate`, which `deploy` asks as well."""

from .deploy.gate import add_arguments, run

__all__ = ["add_arguments", "run"]
