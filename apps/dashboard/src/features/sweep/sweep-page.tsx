import type { Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { sweepQuery } from "../../shared/api/sweep-queries.js";
import { Breadcrumb, useDocumentTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { CurvesSection } from "./curves-section.js";
import { DistributionSection } from "./distribution-section.js";
import { Evidence } from "./evidence/evidence.js";
import { FirstStudy } from "./first-study.js";
import { ImportedSection } from "./imported-section.js";
import { ProvenanceNote } from "./provenance-note.js";
import { RunsSection } from "./runs-section.js";
import { StripSection } from "./strip-section.js";
import { SweepFacts, SweepHeader } from "./sweep-header.js";
import { useSweepLive } from "./use-sweep-live.js";
import { VerdictSection } from "./verdict-section.js";
import { WatchSection } from "./watch/watch-section.js";

const route = getRouteApi("/sweeps/$sweepId");

function SweepBody({ sweep }: { sweep: Sweep }) {
  const live = useSweepLive(sweep.id, sweep.endedAt === null);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const metric = search.metric === "" ? undefined : search.metric;
  const setSearch = (change: Partial<typeof search>) =>
    navigate({ search: (previous) => ({ ...previous, ...change }), replace: true, resetScroll: false });

  useDocumentTitle(sweep.name);
  return (
    <>
      <Breadcrumb crumbs={[{ label: "Sweeps", to: "/" }]} here={sweep.name} />
      <SweepHeader sweep={sweep} live={live} />
      <SweepFacts sweep={sweep} />
      <FirstStudy sweep={sweep} />
      <ImportedSection sweep={sweep} metric={metric} />
      <WatchSection sweep={sweep} />
      <VerdictSection sweep={sweep} metric={metric} onMetric={(next) => setSearch({ metric: next })} />
      <StripSection sweep={sweep} view={search.strip} onView={(strip) => setSearch({ strip })} />
      <DistributionSection sweep={sweep} metric={metric} published={search.published} />
      <CurvesSection sweep={sweep} view={search} onView={setSearch} />
      <Evidence sweep={sweep} metric={metric} search={search} onSearch={setSearch} />
      <RunsSection sweep={sweep} metric={metric} />
      <ProvenanceNote sweep={sweep} metric={metric} />
    </>
  );
}

/** The answer first, evidence under it, controls at the edge. */
export function SweepPage() {
  const { sweepId } = route.useParams();
  const sweep = useQuery({
    ...sweepQuery(sweepId),
    refetchInterval: (query) =>
      query.state.data?.status === "running" || query.state.data?.status === "queued" ? 5_000 : false,
  });
  return (
    <QueryView query={sweep} height={720} label="Loading the sweep" page="Sweep">
      {(data) => <SweepBody key={data.id} sweep={data} />}
    </QueryView>
  );
}
