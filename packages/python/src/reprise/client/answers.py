"""What a study shows: analyses, comparisons, tables, and statistics of other numbers."""

from __future__ import annotations

import json
from typing import Any, Iterable, Literal, Mapping

from ..connection import Connection
from ..results import Analysis, Comparison
from ..wire import Named, id_of, quoted


class Answers(Connection):
    """What is computed on the server, so that a notebook shows the figures of the pages."""

    def analysis(self, sweep: Named, name: str, metric: str | None = None) -> Analysis:
        """An analysis by name: `determinism`, `significance`, `runtime`, …; `metric` defaults to that which the study is told by."""
        return Analysis(self.call("GET", f"/sweeps/{quoted(sweep)}/analyses/{name}", query={"metric": metric}))

    def compare(self, sweep: Named, groups: Mapping[str, str], metrics: Iterable[str], **options: Any) -> Comparison:
        """Compares groups of runs. `groups` maps a name to a filter; further options as in POST /comparisons."""
        named = [{"name": name, "filter": filter} for name, filter in groups.items()]
        body = {"sweepId": id_of(sweep), "groups": named, "metrics": list(metrics), **options}
        return Comparison(self.call("POST", "/comparisons", body))

    def statistic(self, test: str, input: Mapping[str, Any], **options: Any) -> dict[str, Any]:
        """One statistical test on numbers of your own."""
        return self.call("POST", f"/statistics/{test}", {"input": input, "options": options})

    def export(
        self,
        sweep: Named,
        name: str,
        path: str | None = None,
        format: Literal["csv", "latex", "markdown", "json"] = "csv",
        metric: str | None = None,
    ) -> str:
        """A table as CSV, LaTeX, Markdown or JSON text; written to `path` where one is given."""
        query = {"format": format, "metric": metric}
        content = self.call("GET", f"/sweeps/{quoted(sweep)}/analyses/{name}", query=query)
        text = json.dumps(content) if isinstance(content, dict) else content.decode()
        if path is not None:
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        return text
