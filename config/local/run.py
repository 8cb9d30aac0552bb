"""`make run`: the whole platform on this machine, from nothing to the first challenge."""

import json
import os
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environ import Env

from config.environment import Environment, asks_for_dot_env
from config.local.console import LocalError, say, step
from config.local.leftovers import end_leftovers
from config.local.places import server_account, server_home, server_programs, socket_folder
from config.local.postgres import Postgres
from config.local.preflight import (
    data_folder,
    empty_folder,
    free_port_or_refuse,
    lock_data,
    make_secret,
)
from config.local.programs import Platform
from config.local.supervisor import StoppedError, Supervisor
from config.local.valkey import Valkey
from config.readers import optional
from config.variables import VARIABLES

CHECKOUT = Path(__file__).resolve().parents[2]
ADMIN, CURATOR, DEMO = "admin@example.org", "curator@example.org", "demo@example.org"
READ_HERE = ("DATA_DIR", "PORT", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "JWT_SIGNING_KEY")
SECRETS = {"SECRET_KEY": "secret-key", "JWT_SIGNING_KEY": "jwt-signing-key"}


def main() -> int:
    """Run until Ctrl-C or SIGTERM, which is a good end."""
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        # Our set-up held them back while we were loading.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
        run_platform(read_environment())
    except (LocalError, ImproperlyConfigured) as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    except (StoppedError, KeyboardInterrupt):
        sys.stderr.write("\nStopped half-way; the next run takes it up from here.\n")
        return 130
    except OSError as error:
        sys.stderr.write(f"\n{error.filename or CHECKOUT}: {error.strerror}.\n")
        return 1
    return 0


def read_environment() -> Environment:
    """What decides about this machine, from the environment and `.env`; none of it is required."""
    if asks_for_dot_env(os.environ):
        Env.read_env(CHECKOUT / ".env")
    here = [variable for variable in VARIABLES if variable.name in READ_HERE]
    return Environment(
        [replace(one, is_required=False, read=optional(one.read)) for one in here], os.environ
    )


def run_platform(env: Environment) -> None:
    """Check what could stand in the way, then start everything and keep it running."""
    data_dir = data_folder(env("DATA_DIR") or str(CHECKOUT / ".data"))
    port = env("PORT")
    with lock_data(data_dir, f"http://127.0.0.1:{port}/"):
        record = data_dir / "children.json"
        if end_leftovers(record):
            step("Ended what a killed run had left behind")
        free_port_or_refuse(port)
        with Supervisor(record=record) as supervisor:
            variables = os.environ | {"PORT": str(port), "DATA_DIR": str(data_dir), "DEMO": "1"}
            variables["TMPDIR"] = str(empty_folder(data_dir / "tmp"))
            variables |= _secrets(env, data_dir) | _servers(env, data_dir, supervisor)
            _bring_up(supervisor, Platform(CHECKOUT, variables, port), data_dir)
            supervisor.watch()


def _secrets(env: Environment, data_dir: Path) -> dict[str, str]:
    missing = {name: file for name, file in SECRETS.items() if not env(name)}
    return {f"{name}_FILE": str(make_secret(data_dir / file)) for name, file in missing.items()}


def _servers(env: Environment, data_dir: Path, supervisor: Supervisor) -> dict[str, str]:
    """Start the servers that the environment does not name; what the children need to find them."""
    variables = {}
    if not env("DATABASE_URL"):
        postgres = _postgres(data_dir)
        step("Starting PostgreSQL")
        postgres.prepare()
        supervisor.start(postgres.program())
        variables["DATABASE_URL"] = postgres.url
    if not env("REDIS_URL"):
        valkey = Valkey(data_dir / "valkey")
        step("Starting Valkey")
        valkey.prepare()
        supervisor.start(valkey.program())
        variables["REDIS_URL"] = valkey.url
    return variables


def _postgres(data_dir: Path) -> Postgres:
    account = server_account()
    home = server_home(data_dir, account)
    return Postgres(
        home / "postgres",
        socket_folder=socket_folder(home),
        programs=server_programs(account, home),
        account=account,
    )


def _bring_up(supervisor: Supervisor, platform: Platform, data_dir: Path) -> None:
    since = datetime.now(UTC)
    supervisor.run(platform.preparations())
    step("Starting web, worker and beat")
    supervisor.start(platform.web())
    for line in _greeting(platform.site, data_dir):
        say(line)
    # All at once, for each takes seconds to load; beat's first messages wait for the worker.
    watcher = supervisor.begin(platform.demo_challenge(since))
    supervisor.start(platform.worker(), platform.beat())
    [answer] = supervisor.finish(watcher)
    say(challenge_line(json.loads(answer)))


def _greeting(site: str, data_dir: Path) -> list[str]:
    passwords = json.loads((data_dir / "demo-accounts.json").read_text())
    accounts = ", ".join(f"{address} / {passwords[address]}" for address in (ADMIN, CURATOR))
    return [
        f"Site:      {site}",
        f"Admin:     {site}admin/   ({accounts})",
        f"API docs:  {site}api/docs/",
        f"Mailbox:   {site}mailbox/",
    ]


def challenge_line(answer: dict[str, str]) -> str:
    """What became of the demo subscriber's challenge of today, in words."""
    link = answer["link"] or "by way of EMAIL_URL"
    return {
        "first": f"First challenge sent to {DEMO}: {link}",
        "already": f"Today's challenge for {DEMO} was already sent: {link}",
        "none": f"{DEMO} gets no challenges at present: {answer['reason']}.",
        "later": f"The next challenge for {DEMO} is due at {answer['due_at']}.",
        "missing": f"No challenge has been sent to {DEMO} yet; the log above may say why.",
    }[answer["state"]]


if __name__ == "__main__":
    raise SystemExit(main())
