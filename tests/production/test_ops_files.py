import json
import re

import pytest
import yaml
from prometheus_client.exposition import generate_latest

from apps.core.metrics import _Everything
from tests.production.shape import ROOT, services

OPS = ROOT / "ops"
FROM_PROMETHEUS = {"up"}
WORDS_OF_PROMQL = {
    "absent", "and", "by", "histogram_quantile", "increase", "le", "max", "min", "or", "rate",
    "sum", "topk", "unless", "vector", "without",
}  # fmt: skip


def alerts() -> list[dict]:
    document = yaml.safe_load((OPS / "alerts.yml").read_text())
    return [rule for group in document["groups"] for rule in group["rules"]]


def dashboard() -> dict:
    return json.loads((OPS / "grafana-dashboard.json").read_text())


def expressions() -> list[str]:
    panels = dashboard()["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    return [rule["expr"] for rule in alerts()] + asked


def series_of(expression: str) -> dict[str, set[str]]:
    """The names of series in an expression, each with the labels that it is chosen by."""
    found = re.findall(
        r"([a-zA-Z_:][\w:]*)(?:\{([^}]*)\})?(?!\w*\s*\()", _without_groups(expression)
    )
    return {
        name: set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", labels))
        for name, labels in found
        if name not in WORDS_OF_PROMQL
    }


def _without_groups(expression: str) -> str:
    expression = re.sub(r"\b(by|without)\s*\([^)]*\)", "", expression)
    return re.sub(r"\[\w+\]", "", expression)


@pytest.fixture
def shown(db, client) -> dict[str, set[str]]:
    """Every series that /metrics can show, with its labels."""
    client.get("/api/health/live/")
    families = list(_Everything().collect())
    text = generate_latest(_One(families)).decode()
    names: dict[str, set[str]] = {}
    for line in text.splitlines():
        if match := re.match(r"# TYPE (\S+) (\w+)", line):
            for suffix in _SUFFIXES.get(match[2], ("",)):
                names.setdefault(match[1].removesuffix("_total") + suffix, set())
            names.setdefault(match[1], set())
        elif match := re.match(r"([\w:]+)(?:\{(.*)\})? ", line):
            names.setdefault(match[1], set()).update(re.findall(r'(\w+)="', match[2] or ""))
    return names


class _One:
    def __init__(self, families):
        self.families = families

    def collect(self):
        return self.families


_SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}


def test_every_alert_says_what_is_wrong_and_what_to_do():
    names = [rule["alert"] for rule in alerts()]

    assert len(names) == len(set(names)) >= 10
    for rule in alerts():
        assert re.fullmatch(r"\d+[mh]", rule["for"]), rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert set(rule["annotations"]) == {"summary", "todo"}
        assert all(rule["annotations"].values())


@pytest.mark.parametrize("expression", expressions())
def test_every_expression_is_balanced_and_asks_for_what_there_is(expression, shown):
    asked = series_of(expression)

    assert asked
    for opening, closing in ("()", "{}", "[]"):
        assert expression.count(opening) == expression.count(closing)
    assert set(asked) <= set(shown) | FROM_PROMETHEUS
    for name, labels in asked.items():
        if shown.get(name):
            assert labels <= shown[name], name


def test_the_dashboard_fits_grafanas_grid_and_shows_all_that_we_count(shown):
    panels = dashboard()["panels"]
    asked = {name for panel in panels for t in panel["targets"] for name in series_of(t["expr"])}
    ours = {name.removesuffix("_total") for name in shown if name.startswith("dailychallenge_")}
    seen = {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in asked}

    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(p["gridPos"]["x"] + p["gridPos"]["w"] <= 24 for p in panels)
    assert {re.sub(r"_(bucket|sum|count|created)$", "", name) for name in ours} <= seen
    assert dashboard()["templating"]["list"][0]["type"] == "datasource"


def test_prometheus_asks_every_web_container_with_the_token():
    document = yaml.safe_load((OPS / "prometheus.yml").read_text())
    (job,) = document["scrape_configs"]
    mounted = {v.split(":")[1] for v in services()["prometheus"]["volumes"]}

    assert job["metrics_path"] == "/metrics"
    assert job["authorization"]["credentials_file"] == "/run/secrets/metrics_token"
    assert job["dns_sd_configs"][0]["names"] == ["web"]
    assert job["dns_sd_configs"][0]["port"] == 8000
    assert set(document["rule_files"]) <= mounted
    assert "/etc/prometheus/prometheus.yml" in mounted


def caddy_blocks() -> dict[str, str]:
    """Site address: the text of its block."""
    text = re.sub(r"^\s*#.*$", "", (OPS / "Caddyfile").read_text(), flags=re.M)
    assert text.count("{") == text.count("}")
    blocks, depth, head, body = {}, 0, "", []
    for line in text.splitlines():
        opens = line.rstrip().endswith("{")
        if depth == 0 and opens:
            head, body = line.rstrip()[:-1].strip(), []
        elif depth or opens:
            body.append(line)
        depth += opens - (line.strip() == "}")
        if depth == 0 and line.strip() == "}":
            blocks[head] = "\n".join(body)
    return blocks


def test_the_proxy_serves_the_site_by_its_url_and_hides_the_metrics():
    blocks = caddy_blocks()
    site = blocks["{$SITE_URL}"]

    assert list(blocks) == ["", "{$SITE_URL}", "http://:8080"]
    assert "SITE_URL" in services()["proxy"]["environment"]
    assert re.search(r"handle /metrics \{\s*respond 404\s*\}", site)
    assert re.search(r"handle /flower/\* \{\s*reverse_proxy flower:5555\s*\}", site)
    assert re.search(r"dynamic a \{\s*name web\s*port 8000", site)
    assert "log" not in [line.split()[0] for line in site.splitlines() if line.split()]


def test_the_proxys_own_check_asks_where_it_answers():
    check = services()["proxy"]["healthcheck"]["test"]

    assert check[-1] == "http://127.0.0.1:8080/"
    assert "respond 200" in caddy_blocks()["http://:8080"]
