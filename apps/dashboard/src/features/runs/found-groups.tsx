import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { runGroupsQuery } from "../../shared/api/run-queries.js";
import { count } from "../../shared/format/numbers.js";
import { Note, Notes } from "../../shared/ui/note.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { filterOfGroup, joinFilters } from "./filter-text.js";
import { GroupsTable, groupKey, groupName } from "./groups-table.js";
import { FilterError, isFilterError } from "./run-filters.js";
import { SelectionBar, useSelection } from "./selection.js";
import { Standing } from "./standing.js";
import { useFoundRuns, useMetrics } from "./use-found-runs.js";
import type { RunsView } from "./use-runs-view.js";

/** One line per group of runs, formed and computed by the server. */
export function FoundGroups({ view }: { view: RunsView }) {
  const { search, setSearch, by, choice, value } = view;
  const navigate = useNavigate();
  const selection = useSelection(search.by);
  const { runs } = useFoundRuns(view);
  const { metric, isKnown } = useMetrics(view, runs);
  const groups = useQuery({ ...runGroupsQuery(choice, by, metric, value), enabled: isKnown });
  const picked = (groups.data?.groups ?? []).filter((group) => selection.selected.has(groupKey(group)));
  const compared = picked.map((group) => ({
    name: groupName(group),
    filter: joinFilters(search.filter, filterOfGroup(group.by)),
  }));
  return (
    <>
      <FilterError error={groups.error} />
      <Standing
        found={
          groups.data
            ? `${count(groups.data.groups.length, "group")} of ${count(groups.data.runs, "run")}`
            : "…"
        }
        readAt={groups.dataUpdatedAt}
      />
      {isFilterError(groups.error) ? null : (
        <QueryView query={groups} height={420} label="Loading the groups">
          {(answer) => (
            <>
              {answer.refusal === null ? null : <Note>{answer.refusal}</Note>}
              <GroupsTable
                answer={answer}
                by={by}
                filter={search.filter}
                sort={search.sort}
                onSort={(sort) => setSearch({ sort })}
                selected={selection.selected}
                onSelect={selection.select}
              />
              <Notes notes={answer.notes} />
            </>
          )}
        </QueryView>
      )}
      <SelectionBar selection={selection} noun="group">
        <Button
          size="xs"
          disabled={compared.length < 2 || search.sweep === ""}
          onClick={() =>
            void navigate({
              to: "/compare",
              search: { sweep: search.sweep, metrics: metric, groups: compared },
            })
          }
        >
          {search.sweep === "" ? "Choose one sweep to compare" : "Compare groups"}
        </Button>
      </SelectionBar>
    </>
  );
}
