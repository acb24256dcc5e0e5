import { PageTitle } from "../../shared/ui/page-title.js";
import { FoundGroups } from "./found-groups.js";
import { FoundRuns } from "./found-runs.js";
import { RunFilters } from "./run-filters.js";
import { useRunsView } from "./use-runs-view.js";

/** Every run there is: filtered, sorted and grouped by the server; the whole view is in the address. */
export function RunsPage() {
  const view = useRunsView();
  return (
    <>
      <PageTitle
        title="Runs"
        lead="Every training, in one table. The address holds the whole view: share it as it is."
      />
      <RunFilters view={view} />
      {view.grouped ? <FoundGroups view={view} /> : <FoundRuns view={view} />}
    </>
  );
}
