"""Figures as text that Prometheus reads.

Owns the format. It must not know a figure.

Source: Prometheus, text-based exposition format 0.0.4.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure; `suffix` follows the metric's name, as `_bucket` does."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """Figures of one name; `type` is `gauge`, `counter` or `histogram`."""

    name: str
    type: str
    help: str
    samples: Iterable[Sample]


def exposition(metrics: Iterable[Metric]) -> str:
    """Write metrics out, in their order."""
    lines: list[str] = []
    for metric in metrics:
        lines += (f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.type}")
        lines += (
            f"{metric.name}{sample.suffix}{_labels(sample.labels)} {sample.value:.17g}" for sample in metric.samples
        )
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
