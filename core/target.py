"""Which database commands speak to."""

from .cluster import private_cluster
from .config import DATABASE_NAME, Config
from .errors import PlumbError


def database_url() -> str:
    """Return the URL of the database that commands speak to.

    Returns:
        DATABASE_URL, else the private cluster's.

    Raises:
        PlumbError: Neither exists, or a variable is wrong.
    """
    config = Config.from_environment()
    if config.values["DATABASE_URL"]:
        return config.values["DATABASE_URL"]
    cluster = private_cluster(config)
    if not cluster.is_running():
        raise PlumbError(
            "the private cluster does not run, and DATABASE_URL is not set",
            "Run ./plumb up, or point DATABASE_URL to the database to guard.",
        )
    return cluster.url(DATABASE_NAME)
