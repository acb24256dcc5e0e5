import { armsOf, type Sweep } from "@reprise/contracts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { determinismQuery } from "../../shared/api/analysis-queries.js";
import { sweepQuery } from "../../shared/api/sweep-queries.js";
import { trainersQuery } from "../../shared/api/worker-queries.js";
import { armMarks } from "../../shared/marks/arm-marks.js";
import { useNearView } from "../../shared/ui/near-view.js";
import { Breadcrumb, useDocumentTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { CurvesSection } from "./curves-section.js";
import { DistributionSection } from "./distribution-section.js";
import { Evidence } from "./evidence/evidence.js";
import { metricChoices } from "./metric-choices.js";
import { ProvenanceNote } from "./provenance-note.js";
import {
  classificationQuery,
  configurationsQuery,
  significanceQuery,
  sweepRunSampleQuery,
  sweepRunsQuery,
} from "./queries.js";
import { RunsSection } from "./runs-section.js";
import { StripSection } from "./strip-section.js";
import { SweepFacts, SweepHeader } from "./sweep-header.js";
import { SweepTools } from "./sweep-tools.js";
import { useSweepLive } from "./use-sweep-live.js";
import { VerdictSection } from "./verdict-section.js";
import { WatchSection } from "./watch/watch-section.js";

const route = getRouteApi("/sweeps/$sweepId");

function SweepBody({ sweep }: { sweep: Sweep }) {
  const live = useSweepLive(sweep.id, sweep.endedAt === null);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const sample = useQuery(sweepRunSampleQuery(sweep.id));
  const runsPlace = useNearView();
  const runs = useQuery({ ...sweepRunsQuery(sweep.id), enabled: runsPlace.near });
  const trainers = useQuery(trainersQuery);
  const metric = search.metric === "" ? undefined : search.metric;
  const determinism = useQuery({ ...determinismQuery(sweep.id, metric), placeholderData: keepPreviousData });
  const significance = useQuery({
    ...significanceQuery(sweep.id, metric),
    placeholderData: keepPreviousData,
  });
  const configurations = useQuery({
    ...configurationsQuery(sweep.id, metric),
    placeholderData: keepPreviousData,
  });
  const classification = useQuery(classificationQuery(sweep.id));

  const marks = useMemo(() => armMarks(armsOf(sweep.spec)), [sweep.spec]);
  const choices = useMemo(
    () => metricChoices(trainers.data ?? [], sweep.spec, runs.data ?? sample.data ?? []),
    [trainers.data, sweep.spec, runs.data, sample.data],
  );
  const shownMetric = determinism.data?.provenance.metric ?? metric ?? sweep.spec.analysisPlan?.primaryMetric;
  const setSearch = (change: Partial<typeof search>) =>
    navigate({ search: (previous) => ({ ...previous, ...change }), replace: true, resetScroll: false });

  useDocumentTitle(sweep.name);
  return (
    <>
      <Breadcrumb crumbs={[{ label: "Sweeps", to: "/" }]} here={sweep.name} />
      <SweepHeader sweep={sweep} marks={marks} live={live} />
      <SweepFacts sweep={sweep} />
      <WatchSection sweep={sweep} marks={marks} />
      <VerdictSection
        sweep={sweep}
        determinism={determinism}
        classification={classification}
        significance={significance}
        configurations={configurations}
        tools={
          <SweepTools
            sweepId={sweep.id}
            choices={choices}
            metric={shownMetric}
            primaryMetric={sweep.spec.analysisPlan?.primaryMetric}
            onMetric={(next) => setSearch({ metric: next })}
          />
        }
      />
      <StripSection sweep={sweep} marks={marks} />
      <DistributionSection
        query={determinism}
        marks={marks}
        choices={choices}
        trainers={trainers.data ?? []}
        sweep={sweep}
        published={search.published}
      />
      <CurvesSection
        sweep={sweep}
        marks={marks}
        choices={choices}
        metric={search.curve === "" ? undefined : search.curve}
        onMetric={(next) => setSearch({ curve: next })}
        view={search}
        onView={setSearch}
      />
      <Evidence
        sweep={sweep}
        marks={marks}
        metric={metric}
        shown={choices.find((choice) => choice.key === shownMetric)}
        determinism={determinism}
        significance={significance}
        configurations={configurations}
        search={search}
        onSearch={setSearch}
      />
      <RunsSection
        sweep={sweep}
        place={runsPlace}
        query={runs}
        asked={metric}
        metric={choices.find((choice) => choice.key === shownMetric)}
        marks={marks}
      />
      <ProvenanceNote sweep={sweep} provenance={determinism.data?.provenance} />
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
