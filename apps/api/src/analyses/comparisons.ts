import {
  type ComparisonAnswer,
  type ComparisonRequest,
  didYouMean,
  type RunField,
  type RunFilter,
  runFlag,
} from "@reprise/contracts";
import { type Database, filterHints, getSweep } from "@reprise/database";
import { compareRuns, parseRunFilter } from "@reprise/study";
import { found, problem } from "../http/problems.js";
import { allRunsOf } from "../runs/all-runs.js";
import { serverVersion } from "../version.js";
import { declaredMetrics } from "./declared-metrics.js";

type Groups = ComparisonRequest["groups"];

/** The filters of all groups, read before anything is fetched. @throws {ProblemError} naming group and character. */
function filtersOf(groups: Groups): RunFilter[] {
  const parsed = groups.map(({ filter }) => parseRunFilter(filter));
  const errors = parsed.flatMap((result, index) =>
    result.ok ? [] : result.errors.map((error) => ({ ...error, path: `groups[${index}].filter` })),
  );
  if (errors.length > 0)
    throw problem("invalid-request", 'A filter cannot be read; see "errors".', { errors });
  return parsed.flatMap((result) => (result.ok ? [result.value] : []));
}

/** Whether a field is an outcome of training: groups chosen by it differ by the choice. */
const isResult = ({ kind, name }: RunField) =>
  kind === "metric" || (kind === "attribute" && (runFlag.safeParse(name).success || outcomes.has(name)));
const outcomes = new Set(["digest", "selectedEpoch"]);

/** Compares groups of study runs found by filter. @throws {ProblemError} for an unknown sweep or metric, or a broken filter. */
export async function compare(db: Database, request: ComparisonRequest): Promise<ComparisonAnswer> {
  const filters = filtersOf(request.groups);
  const groups = await Promise.all(
    request.groups.map(async ({ name, filter, sweepId: own }, index) => {
      const sweepId = own ?? request.sweepId ?? "";
      const sweep = found(await getSweep(db, sweepId), "sweep", sweepId);
      const where = filters[index] ?? { all: [] };
      const runs = await allRunsOf(db, { sweepId, purpose: "study", where });
      const selectsByMetric = where.all.some(({ field }) => isResult(field));
      const hints = runs.length === 0 ? await filterHints(db, { sweepId, purpose: "study", where }) : [];
      const metrics = await declaredMetrics(db, sweep);
      return { name, sweep, filter, selectsByMetric, runs, hints, metrics };
    }),
  );
  const metrics = groups.flatMap((group) => group.metrics);
  const measured = groups.flatMap(({ runs }) => runs.flatMap(({ summary }) => Object.keys(summary)));
  const known = [...new Set([...metrics.map(({ key }) => key), ...measured])];
  const errors = request.metrics.flatMap((metric, index) =>
    known.includes(metric)
      ? []
      : [
          {
            path: `metrics[${index}]`,
            message: "unknown metric",
            value: metric,
            suggestion: didYouMean(metric, known),
          },
        ],
  );
  if (errors.length > 0)
    throw problem("invalid-request", "No run of these groups has such a metric.", { errors });
  const answer = compareRuns({ request, groups, software: `Reprise ${serverVersion}` });
  const empty = groups.flatMap(({ name, hints }) => hints.map((hint) => `Group ${name} is empty. ${hint}`));
  return { ...answer, notes: [...empty, ...answer.notes] };
}
