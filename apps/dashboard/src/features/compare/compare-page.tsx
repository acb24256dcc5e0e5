import { Button, MultiSelect, NativeSelect, NumberInput } from "@mantine/core";
import type { ComparisonRequest } from "@reprise/contracts";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { sweepsQuery, trainersQuery } from "../../shared/api/queries.js";
import { comparisonQuery, runGroupsQuery } from "../../shared/api/runs-queries.js";
import { axisUnit, shortLabel } from "../../shared/format/numbers.js";
import { knownMetrics } from "../../shared/format/run-metrics.js";
import { PageTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { EmptyState } from "../../shared/ui/states.js";
import { Answer } from "./answer.js";
import classes from "./compare.module.css";
import { GroupDifferences } from "./group-differences.js";
import { type ComparedGroup, GroupsEditor } from "./groups-editor.js";

const route = getRouteApi("/compare");
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Groups of runs compared on metrics, in numbers and in one sentence; the whole question is in the address. */
export function ComparePage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const sweeps = useQuery(sweepsQuery);
  const trainers = useQuery(trainersQuery);
  const sweepId = search.sweep || sweeps.data?.[0]?.id || "";
  const sweep = sweeps.data?.find(({ id }) => id === sweepId);
  const metrics = knownMetrics(trainers.data ?? [], []);
  const chosen =
    search.metrics.split(",").filter((key) => key !== "").length > 0
      ? search.metrics.split(",").filter((key) => key !== "")
      : [sweep?.spec.analysisPlan?.primaryMetric ?? "testAccuracy"];
  const margin = Number(search.margin);
  const setSearch = (change: Partial<typeof search>) =>
    void navigate({
      to: "/compare",
      search: { ...search, sweep: sweepId, ...change },
      replace: true,
      resetScroll: false,
    });

  const ready = sweepId !== "" && search.groups.length >= 2;
  const request: Parameters<typeof comparisonQuery>[0] = ready
    ? {
        sweepId,
        groups: search.groups,
        metrics: chosen,
        pairing: search.pairing === "never" ? "never" : "auto",
        ...(search.groups.some(({ name }) => name === search.baseline) ? { baseline: search.baseline } : {}),
        margin:
          search.margin !== "" && margin > 0
            ? Object.fromEntries(
                chosen.map((key): [string, number] => {
                  const isShare = metrics.find((metric) => metric.key === key)?.unit === "fraction";
                  return [key, isShare ? margin / 100 : margin];
                }),
              )
            : {},
      }
    : null;
  const answer = useQuery(comparisonQuery(request));

  /** Fills the groups with what the sweep varies. */
  const fill = async (field: "arm" | "configurationLabel") => {
    const found = await queryClient.fetchQuery(
      runGroupsQuery({ sweep: sweepId, status: "", filter: "" }, [field], "", "selected"),
    );
    const groups: ComparedGroup[] = found.groups.slice(0, 20).map((group) => {
      const name = String(group.by[field]);
      return { name: name.slice(0, 80), filter: `${field} = ${quoted(name)}` };
    });
    setSearch({ groups, baseline: "" });
  };
  const firstUnit = metrics.find(({ key }) => key === chosen[0])?.unit ?? "";

  return (
    <>
      <PageTitle
        title="Compare"
        lead="Name two groups of runs or more; the server pairs them where it can, tests, corrects, and says the result in one sentence."
      />
      <div className={classes.tools}>
        <NativeSelect
          size="xs"
          label="Sweep"
          value={sweepId}
          data={(sweeps.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(event) => setSearch({ sweep: event.currentTarget.value, groups: [], metrics: "" })}
        />
        <MultiSelect
          size="xs"
          label="Metrics"
          miw={260}
          searchable
          maxValues={6}
          value={chosen}
          data={[
            ...metrics.map(({ key, label }) => ({ value: key, label: shortLabel(label) })),
            ...chosen
              .filter((key) => !metrics.some((metric) => metric.key === key))
              .map((key) => ({ value: key, label: key })),
          ]}
          onChange={(next) => setSearch({ metrics: next.join(",") })}
        />
        <NativeSelect
          size="xs"
          label="Against"
          value={search.baseline}
          data={[
            { value: "", label: "every pair" },
            ...search.groups.map(({ name }) => ({ value: name, label: name })),
          ]}
          onChange={(event) => setSearch({ baseline: event.currentTarget.value })}
        />
        <NativeSelect
          size="xs"
          label="Test"
          value={search.pairing}
          data={[
            { value: "", label: "paired on seed where possible" },
            { value: "never", label: "independent seed means (Welch)" },
          ]}
          onChange={(event) => setSearch({ pairing: event.currentTarget.value })}
        />
        <NumberInput
          size="xs"
          label={`Equivalence margin${firstUnit === "fraction" ? ", pp" : firstUnit ? `, ${axisUnit(firstUnit)}` : ""}`}
          placeholder="as planned"
          w={150}
          min={0}
          value={search.margin === "" ? "" : margin}
          onChange={(next) => setSearch({ margin: next === "" ? "" : String(next) })}
        />
      </div>
      <GroupsEditor
        groups={search.groups}
        onGroups={(groups: ComparisonRequest["groups"]) => setSearch({ groups })}
        onFill={(field) => void fill(field)}
      />
      {ready ? (
        <>
          <QueryView query={answer} height={480} label="Comparing">
            {(data) => <Answer answer={data} metrics={metrics} />}
          </QueryView>
          {answer.isSuccess ? <GroupDifferences sweepId={sweepId} groups={search.groups} /> : null}
        </>
      ) : (
        <EmptyState
          title="Two groups make a comparison."
          action={
            sweepId === "" ? undefined : (
              <div className={classes.fills}>
                <Button size="xs" onClick={() => void fill("configurationLabel")}>
                  Compare configurations
                </Button>
                <Button size="xs" variant="default" onClick={() => void fill("arm")}>
                  Compare arms
                </Button>
              </div>
            )
          }
        >
          {sweepId === ""
            ? "There is no sweep yet whose runs could be compared."
            : "Start with what the sweep varies, or write filters of your own. A comparison that was not in the analysis plan is labelled exploratory."}
        </EmptyState>
      )}
    </>
  );
}
