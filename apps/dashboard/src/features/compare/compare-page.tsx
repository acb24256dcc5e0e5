import { Button, Group, MultiSelect, NativeSelect, NumberInput } from "@mantine/core";
import type { ComparisonRequest } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { runGroupsQuery } from "../../shared/api/run-queries.js";
import { sweepsQuery } from "../../shared/api/sweep-queries.js";
import { trainersQuery } from "../../shared/api/worker-queries.js";
import { axisUnit, shortLabel } from "../../shared/format/numbers.js";
import { knownMetrics } from "../../shared/format/run-metrics.js";
import { PageTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { EmptyState, Placeholder } from "../../shared/ui/states.js";
import { Answer } from "./answer.js";
import classes from "./compare-page.module.css";
import { GroupDifferences } from "./group-differences.js";
import { type ComparedGroup, GroupsEditor } from "./groups-editor.js";
import { comparisonQuery } from "./queries.js";
import { suggestionsOf } from "./suggestions.js";

const route = getRouteApi("/compare");
const same = (a: readonly ComparedGroup[], b: readonly ComparedGroup[]) =>
  JSON.stringify(a) === JSON.stringify(b);

/** Groups of runs compared on metrics, in numbers and in one sentence; the whole question is in the address. */
export function ComparePage() {
  const search = route.useSearch();
  const navigate = useNavigate();
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

  const groupsBy = (field: "arm" | "configurationLabel") => ({
    ...runGroupsQuery({ sweep: sweepId, status: "", filter: "" }, [field], "", "selected"),
    enabled: sweepId !== "",
    placeholderData: undefined,
  });
  const configurations = useQuery(groupsBy("configurationLabel"));
  const arms = useQuery(groupsBy("arm"));
  const suggestions = useMemo(
    () =>
      sweep && configurations.data && arms.data ? suggestionsOf(sweep, configurations.data, arms.data) : [],
    [sweep, configurations.data, arms.data],
  );
  // Until somebody asks for more, the first comparison that the sweep was made for; its groups can be changed.
  const groups = search.groups.length > 0 ? search.groups : (suggestions[0]?.groups ?? []);

  const ready = sweepId !== "" && groups.length >= 2;
  const request: Parameters<typeof comparisonQuery>[0] = ready
    ? {
        sweepId,
        groups,
        metrics: chosen,
        pairing: search.pairing === "never" ? "never" : "auto",
        ...(groups.some(({ name }) => name === search.baseline) ? { baseline: search.baseline } : {}),
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
            ...groups.map(({ name }) => ({ value: name, label: name })),
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
      {suggestions.length > 0 ? (
        <Group gap={8} mt={4} mb={12}>
          {suggestions.map((suggestion) => (
            <Button
              key={suggestion.name}
              size="compact-sm"
              variant={same(suggestion.groups, groups) ? "light" : "default"}
              aria-pressed={same(suggestion.groups, groups)}
              onClick={() => setSearch({ groups: suggestion.groups, baseline: "" })}
            >
              Compare {suggestion.name}
            </Button>
          ))}
        </Group>
      ) : null}
      <GroupsEditor
        groups={groups}
        onGroups={(next: ComparisonRequest["groups"]) => setSearch({ groups: next })}
      />
      {ready ? (
        <>
          <QueryView query={answer} height={480} label="Comparing">
            {(data) => <Answer answer={data} metrics={metrics} />}
          </QueryView>
          {answer.isSuccess ? <GroupDifferences sweepId={sweepId} groups={groups} /> : null}
        </>
      ) : sweeps.isSuccess && (sweepId === "" || (configurations.isSuccess && arms.isSuccess)) ? (
        <EmptyState
          title="Two groups make a comparison."
          action={
            sweepId === "" ? undefined : (
              <Button
                size="xs"
                variant="default"
                onClick={() =>
                  setSearch({
                    groups: [...groups, { name: "group 1", filter: "" }, { name: "group 2", filter: "" }],
                  })
                }
              >
                Write two groups
              </Button>
            )
          }
        >
          {sweepId === ""
            ? "There is no sweep yet whose runs could be compared."
            : "This sweep has one configuration and one arm. Groups can be told apart by any filter, such as seed = 0. A comparison that was not in the analysis plan is labelled exploratory."}
        </EmptyState>
      ) : (
        <Placeholder height={480} label="Looking what the sweep compares" />
      )}
    </>
  );
}
