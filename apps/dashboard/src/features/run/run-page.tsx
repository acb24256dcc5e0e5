import { Tabs } from "@mantine/core";
import type { RunDetail } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { runQuery } from "../../shared/api/run-queries.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { ArtifactsPanel } from "./artifacts-panel.js";
import { AttemptsPanel } from "./attempts-panel.js";
import { ConfigurationPanel } from "./configuration-panel.js";
import { EnvironmentPanel } from "./environment-panel.js";
import { EvidencePanel } from "./evidence-panel.js";
import { LadderPanel } from "./ladder-panel.js";
import { LogsPanel } from "./logs-panel.js";
import { MetricsPanel } from "./metrics-panel.js";
import { PredictionsPanel } from "./predictions-panel.js";
import { RepeatPanel } from "./repeat-panel.js";
import { RunHeader } from "./run-header.js";
import { SnippetsPanel } from "./snippets-panel.js";
import { SystemPanel } from "./system-panel.js";
import { useRunLive } from "./use-run-live.js";

const route = getRouteApi("/runs/$runId");

const views = [
  { value: "metrics", label: "Metrics" },
  { value: "predictions", label: "Predictions" },
  { value: "ladder", label: "Ladder" },
  { value: "repeat", label: "Verification" },
  { value: "evidence", label: "Evidence" },
  { value: "artifacts", label: "Artifacts" },
  { value: "configuration", label: "Configuration" },
  { value: "logs", label: "Logs" },
  { value: "system", label: "System" },
  { value: "environment", label: "Environment" },
  { value: "attempts", label: "Attempts" },
  { value: "snippets", label: "Snippets" },
] as const;

type Search = ReturnType<typeof route.useSearch>;

function View({
  view,
  run,
  search,
  onSearch,
}: {
  view: string;
  run: RunDetail;
  search: Search;
  onSearch: (change: Partial<Search>) => void;
}) {
  const ofAttempt = { attempt: search.attempt, onAttempt: (attempt: number) => onSearch({ attempt }) };
  if (view === "predictions")
    return (
      <PredictionsPanel
        run={run}
        split={search.split}
        onSplit={(split) => onSearch({ split })}
        onlyErrors={search.errors === "on"}
        onOnlyErrors={(only) => onSearch({ errors: only ? "on" : "" })}
      />
    );
  if (view === "ladder")
    return <LadderPanel run={run} otherId={search.beside} onOther={(beside) => onSearch({ beside })} />;
  if (view === "repeat") return <RepeatPanel run={run} />;
  if (view === "artifacts") return <ArtifactsPanel run={run} />;
  if (view === "configuration") return <ConfigurationPanel run={run} />;
  if (view === "evidence") return <EvidencePanel run={run} />;
  if (view === "logs") return <LogsPanel run={run} {...ofAttempt} />;
  if (view === "system") return <SystemPanel run={run} {...ofAttempt} />;
  if (view === "environment") return <EnvironmentPanel run={run} />;
  if (view === "attempts") return <AttemptsPanel run={run} />;
  if (view === "snippets") return <SnippetsPanel run={run} />;
  return <MetricsPanel run={run} />;
}

function RunBody({ run }: { run: RunDetail }) {
  const live = useRunLive(run.id);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const onSearch = (change: Partial<Search>) =>
    navigate({ search: (previous) => ({ ...previous, ...change }), replace: true, resetScroll: false });
  const fallback = run.status === "failed" ? "logs" : "metrics";
  const view = views.some(({ value }) => value === search.view) ? search.view : fallback;
  return (
    <>
      <RunHeader run={run} live={live} />
      <Tabs
        value={view}
        keepMounted={false}
        mt="xl"
        onChange={(next) => onSearch({ view: next === fallback ? "" : (next ?? "") })}
      >
        <Tabs.List style={{ flexWrap: "nowrap", overflowX: "auto", overflowY: "hidden" }}>
          {views.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {views.map(({ value }) => (
          <Tabs.Panel key={value} value={value}>
            <View view={value} run={run} search={search} onSearch={onSearch} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}

/** One run: what it was asked, what it did, what came of it. */
export function RunPage() {
  const { runId } = route.useParams();
  const run = useQuery({
    ...runQuery(runId),
    refetchInterval: (query) =>
      query.state.data?.status === "running" || query.state.data?.status === "queued" ? 5_000 : false,
  });
  return (
    <QueryView query={run} height={640} label="Loading the run" page="Run">
      {(data) => <RunBody key={data.id} run={data} />}
    </QueryView>
  );
}
