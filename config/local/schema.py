"""`make schema`: write docs/openapi.yaml from the code."""

from config.local.check import SCHEMA, with_servers, write_schema

if __name__ == "__main__":
    raise SystemExit(with_servers(lambda: 0 if write_schema(SCHEMA) else 1))
