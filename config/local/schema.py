"""`make schema`: write docs/openapi.yaml from the code, and the TypeScript types from that."""

from config.local.check import SCHEMA, with_servers, write_schema
from config.local.typescript import write_types


def main() -> int:
    """The exit code."""
    if not write_schema(SCHEMA):
        return 1
    write_types()
    return 0


if __name__ == "__main__":
    raise SystemExit(with_servers(main))
