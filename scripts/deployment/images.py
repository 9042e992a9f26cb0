"""What the images do, with the programs of Debian: their users, environment and entry points."""

import pathlib
import pwd
from dataclasses import dataclass, field

POSTGRES = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# As the entry point of the image: it makes the cluster on the first start, then runs the command.
POSTGRES_ENTRY = """
data=/var/lib/postgresql/data
if [ ! -s $data/PG_VERSION ]; then
  initdb -D $data --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" $POSTGRES_INITDB_ARGS
  echo 'host all all all scram-sha-256' >>$data/pg_hba.conf
  echo "listen_addresses = '*'" >>$data/postgresql.conf
  pg_ctl -D $data -o '-c listen_addresses=' -w start
  createdb --username="$POSTGRES_USER" "$POSTGRES_DB"
  pg_ctl -D $data -w stop
fi
exec "$@" -D $data
"""


@dataclass
class Image:
    user: str
    command: list
    environment: dict = field(default_factory=dict)
    health: list = field(default_factory=list)
    stop_signal: str = "TERM"


def user(name):
    """The ids of a user of this machine, of nobody if there is none of this name."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        entry = pwd.getpwnam("nobody")
    return f"{entry.pw_uid}:{entry.pw_gid}"


def of(service, bookshelf):
    """The image of a service. `bookshelf` is the environment and health check of our own image."""
    if service.image == "nginx":
        return Image(service.user, ["nginx", "-g", "daemon off;"], stop_signal="QUIT")
    if service.image == "postgres":
        command = ["sh", "-e", "-c", POSTGRES_ENTRY, "postgres", *service.command]
        path = {"PATH": f"{POSTGRES[-1]}:{PATH}"}
        return Image(user("postgres"), command, path, stop_signal="INT")
    if service.image == "redis":
        return Image(user("redis"), service.command)
    environment, health = bookshelf
    return Image("65532:65532", ["/usr/local/bin/bookshelf"], environment, health)
