"""What is counted of answers, in all processes together."""

import os

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.samples import Sample
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from keycell.http.edge import Edge

log = structlog.get_logger("keycell.access")

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_REGISTRY = CollectorRegistry()
_REQUESTS = Counter(
    "keycell_requests", "Requests answered.", ("path", "method", "status"), registry=_REGISTRY
)
_SECONDS = Histogram(
    "keycell_request_seconds", "Time to answer.", ("path",), buckets=_BUCKETS, registry=_REGISTRY
)
_REPORTS = Counter(
    "keycell_csp_reports", "Reports of browsers: something was held back in a page.",
    ("directive",), registry=_REGISTRY,
)  # fmt: skip
_METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"})


_OPENS = "/public/"


class Telemetry:
    """Counts what is answered, and writes it down where that is wished."""

    def __init__(self, *, access_log: bool) -> None:
        self._access_log = access_log
        self._seconds: dict[str, Histogram] = {}
        self._counts: dict[tuple[str, str, int], Counter] = {}

    def seen(self, scope: Scope, path: str, status: int, seconds: float) -> None:
        """Count one answer."""
        method = scope["method"] if scope["method"] in _METHODS else "other"
        key = (path, method, status)
        count = self._counts.get(key)
        if count is None:
            count = self._counts[key] = _REQUESTS.labels(path, method, str(status))
        count.inc()
        timer = self._seconds.get(path)
        if timer is None:
            timer = self._seconds[path] = _SECONDS.labels(path)
        timer.observe(seconds)
        if self._access_log:
            log.info(
                "answered",
                method=method,
                # Who knows a public link's address has the link.
                path=path if path.startswith(_OPENS) else scope["path"],
                ip=scope["client"][0] if scope.get("client") else "",
                status=status,
                request_id=scope["request_id"],
                ms=round(seconds * 1000, 1),
            )


def everything() -> bytes:
    """Give the counters of all processes together, in Prometheus' form."""
    return generate_latest(_of_all())


def failures() -> dict[str, int]:
    """Count the answers that tell of our own failure, by path, in all processes."""
    found: dict[str, int] = {}
    for one in _samples("keycell_requests"):
        if one.labels["status"].startswith("5"):
            path = one.labels["path"]
            found[path] = found.get(path, 0) + int(one.value)
    return found


def count_report(directive: str) -> None:
    """Count one report of a browser."""
    _REPORTS.labels(directive).inc()


def counted() -> dict[str, int]:
    """Give the reports of browsers by their directives, of all processes since the start."""
    return {one.labels["directive"]: int(one.value) for one in _samples("keycell_csp_reports")}


def _samples(name: str) -> list[Sample]:
    return [
        sample
        for metric in _of_all().collect()
        if metric.name == name
        for sample in metric.samples
        if sample.name.endswith("_total")
    ]


def _of_all() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return _REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


async def change_password(_edge: Edge, _request: Request) -> Response:
    """Lead password managers to the form. W3C change-password-url."""
    return RedirectResponse("/account/basic", 303)
