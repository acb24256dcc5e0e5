import {
  askAnswer,
  heartbeatAnswer,
  pageOf,
  problem,
  run,
  runDetail,
  runMetrics,
  sweep,
} from "@reprise/contracts";
import { recoverLostRuns } from "@reprise/database";
import type { ApiUnderTest } from "../integration/api-harness.js";
import type { TruthCase } from "./truth-case.js";

const leased =
  "Writes may name their attempt, must once a run has had a second one, and a stale one is 409 stale-attempt; any write or heartbeat renews; silence makes it lost, handed out again where planned, and revived by the same attempt coming back.";
const resumed = "Resume by id; log_run by study name adds to it instead of making a second study.";
const times =
  "Times: offsets as Python's isoformat() writes them; a start in the future refused; an end time accepted; no negative or absurd duration reaches an analysis.";

const names =
  "Metric names: any printable Unicode to 250 characters; refusals name key and rule. A list of runs does not send 2,000 metric summaries a row unless asked.";

const post = (api: ApiUnderTest, path: string, body: unknown, attempt?: number) =>
  api.call("POST", path, {
    body,
    headers: attempt === undefined ? {} : { "reprise-attempt": String(attempt) },
  });

/** "409 stale-attempt", or "200" with what the answer says. */
function said({ status, json }: { status: number; json: unknown }, of: (body: unknown) => string = () => "") {
  const refused = problem.safeParse(json);
  if (!refused.success) return `${status}${of(json)}`;
  const [error] = refused.data.errors ?? [];
  const field = error ? ` ${error.path}: ${error.message}` : "";
  return `${status} ${refused.data.type.replace("/problems/", "")}${field}`;
}

const logged = async (api: ApiUnderTest, body: object = {}) =>
  run.parse((await post(api, "/runs", body)).json);
const detail = (api: ApiUnderTest, id: string) => api.get(`/runs/${id}`, runDetail);
const afterSilence = (api: ApiUnderTest) => recoverLostRuns(api.db, new Date(Date.now() + 601_000));

async function planned(api: ApiUnderTest) {
  const { id } = await api.createSweep({
    name: "planned",
    trainer: "external",
    dataset: "slides",
    search: { method: "list", configurations: [{ learningRate: 0.1 }] },
    modes: { nondeterministic: { repeats: 1 } },
  });
  return {
    ask: async () => {
      const answer = await post(api, `/sweeps/${id}/ask`, {});
      return { answer, run: askAnswer.safeParse(answer.json).data?.run ?? null };
    },
  };
}

/** A planned run whose first client fell silent, and which a second one trains. */
async function takenOver(api: ApiUnderTest): Promise<string> {
  const study = await planned(api);
  await study.ask();
  await afterSilence(api);
  const { run: second } = await study.ask();
  if (!second) throw new Error("nothing was handed out");
  return second.id;
}

/** A logged run with these metrics at step 1. */
async function measured(api: ApiUnderTest, metrics: Record<string, number>) {
  const { id, sweepId } = await logged(api);
  return { id, sweepId, answer: await post(api, `/runs/${id}/metrics`, { step: 1, metrics }) };
}

const nameCase = (name: string): TruthCase => ({
  bullet: names,
  kind: "a printable name",
  input: name,
  before: `400 invalid-request metrics.${name}: Invalid key in record`,
  after: "200, filtered and read back",
  observe: async ({ api: start }) => {
    const api = await start();
    const { id, sweepId, answer } = await measured(api, { [name]: 0.75 });
    if (answer.status !== 200) return said(answer);
    const filter = `metrics.\`${name}\` > 0.5`;
    const found = await api.get(
      `/runs?${new URLSearchParams({ sweepId: sweepId ?? "", filter })}`,
      pageOf(run),
    );
    const { series } = await api.get(
      `/runs/${id}/metrics?${new URLSearchParams({ keys: name })}`,
      runMetrics,
    );
    const isRead = series[name]?.values[0] === 0.75 && found.items.length === 1;
    return isRead ? "200, filtered and read back" : "200, and lost";
  },
});

const refusedName = (input: string, name: string, rule: string): TruthCase => ({
  bullet: names,
  kind: "a refused name",
  input,
  before: "400 invalid-request: Invalid key in record",
  after: rule,
  observe: async ({ api: start }) => {
    const { answer } = await measured(await start(), { [name]: 1 });
    return problem.parse(answer.json).errors?.[0]?.message ?? "";
  },
});

export const cases: TruthCase[] = [
  {
    bullet: leased,
    kind: "as long as a study says",
    input: "leaseSeconds: 40 of a study, the heartbeat of its first run",
    before: "422 invalid-sweep-spec leaseSeconds: unknown key",
    after: "lost after 40 s",
    observe: async (tools) => {
      const api = await tools.api();
      const study = { name: "n", trainer: "external", dataset: "d", base: { a: 1 }, leaseSeconds: 40 };
      const created = await post(api, "/sweeps", study);
      if (created.status !== 201) return said(created);
      const asked = await post(api, `/sweeps/${sweep.parse(created.json).id}/ask`, {});
      const { run: first } = askAnswer.parse(asked.json);
      const beat = await post(api, `/runs/${first?.id}/heartbeat`, undefined);
      return `lost after ${heartbeatAnswer.parse(beat.json).leaseSeconds} s`;
    },
  },
  {
    bullet: leased,
    kind: "a killed client",
    input: "one planned run, asked for; its program is killed; ten minutes later the next one asks",
    before: "running for ever; 409 conflict",
    after: "queued; 200 attempt 2",
    observe: async ({ api: start }) => {
      const api = await start();
      const study = await planned(api);
      const first = (await study.ask()).run;
      await afterSilence(api);
      const { status } = await detail(api, first?.id ?? "");
      const next = await study.ask();
      return `${status}; ${said(next.answer, () => ` attempt ${next.run?.attempt}`)}`;
    },
  },
  {
    bullet: leased,
    kind: "a killed client",
    input: "a run that nobody planned falls silent for ten minutes",
    before: "running for ever",
    after: "failed: Nothing was heard for 10 minutes of the program that trains this run: attempt 1 is lost.",
    observe: async ({ api: start }) => {
      const api = await start();
      const { id } = await logged(api);
      await afterSilence(api);
      const { status, error } = await detail(api, id);
      return `${status}: ${error?.message}`;
    },
  },
  {
    bullet: leased,
    kind: "a late report",
    input: "the first client of a run finishes it as failed while the second one trains it",
    before: "200; failed, attempt 2",
    after: "409 stale-attempt; running, attempt 2",
    observe: async ({ api: start }) => {
      const api = await start();
      const id = await takenOver(api);
      const late = await post(api, `/runs/${id}/finish`, { status: "failed", error: "late" }, 1);
      const { status, attempt } = await detail(api, id);
      return `${said(late)}; ${status}, attempt ${attempt}`;
    },
  },
  {
    bullet: leased,
    kind: "a late report",
    input: "a report without a header, of a run that has had two attempts",
    before: "200; trainLoss 99",
    after: "400 Reprise-Attempt; no trainLoss",
    observe: async ({ api: start }) => {
      const api = await start();
      const id = await takenOver(api);
      const late = await post(api, `/runs/${id}/metrics`, { step: 1, metrics: { trainLoss: 99 } });
      const { summary } = await detail(api, id);
      const path = problem.safeParse(late.json).data?.errors?.[0]?.path ?? "";
      return `${late.status} ${path}; ${"trainLoss" in summary ? "trainLoss 99" : "no trainLoss"}`;
    },
  },
  {
    bullet: leased,
    kind: "a client that comes back",
    input: "ten minutes of silence, then the same program reports step 2",
    before: "running for ever, whoever reports",
    after: "failed, then 200; running, attempt 1, 2 values",
    observe: async ({ api: start }) => {
      const api = await start();
      const { id } = await logged(api);
      await post(api, `/runs/${id}/metrics`, { step: 1, metrics: { trainLoss: 0.5 } }, 1);
      await afterSilence(api);
      const silent = await detail(api, id);
      const back = await post(api, `/runs/${id}/metrics`, { step: 2, metrics: { trainLoss: 0.4 } }, 1);
      const { status, attempt, summary } = await detail(api, id);
      return `${silent.status}, then ${back.status}; ${status}, attempt ${attempt}, ${summary.trainLoss?.count} values`;
    },
  },
  {
    bullet: resumed,
    kind: "resume",
    input: "POST /runs/{id}/attempts after step 1",
    before: "404 not-found",
    after: "201, attempt 2, 1 value",
    observe: async ({ api: start }) => {
      const api = await start();
      const { id } = await logged(api);
      await post(api, `/runs/${id}/metrics`, { step: 1, metrics: { trainLoss: 0.5 } });
      const begun = await post(api, `/runs/${id}/attempts`, {});
      return said(begun, (body) => {
        const { attempt, summary } = run.parse(body);
        return `, attempt ${attempt}, ${summary.trainLoss?.count} value`;
      });
    },
  },
  {
    bullet: resumed,
    kind: "study by name",
    input: 'two runs logged with study: "seed noise"',
    before: "400 invalid-request study: unknown key",
    after: "one study",
    observe: async ({ api: start }) => {
      const api = await start();
      const body = { study: "seed noise", dataset: "slides" };
      const answers = await Promise.all([1, 2].map((seed) => post(api, "/runs", { ...body, seed })));
      const studies = answers.map(({ json }) => run.safeParse(json).data?.sweepId);
      const [first] = answers;
      if (first?.status !== 201) return first ? said(first) : "";
      return new Set(studies).size === 1 ? "one study" : "two studies";
    },
  },
  ...[
    ["2026-01-02T03:04:05.123456+00:00", "2026-01-02T03:04:05.123Z"],
    ["2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000Z"],
  ].map(
    ([startedAt = "", after = ""]): TruthCase => ({
      bullet: times,
      kind: "offsets",
      input: `startedAt ${startedAt}`,
      before: "400 invalid-request startedAt: Invalid ISO datetime",
      after,
      observe: async ({ api: start }) => {
        const answer = await post(await start(), "/runs", { startedAt });
        return answer.status === 201 ? String(run.parse(answer.json).startedAt) : said(answer);
      },
    }),
  ),
  {
    bullet: times,
    kind: "a future start",
    input: "startedAt 2100-01-01T00:00:00Z, finished at once",
    before: "201; a duration of −73 years",
    after: "400 startedAt",
    observe: async ({ api: start }) => {
      const answer = await post(await start(), "/runs", { startedAt: "2100-01-01T00:00:00Z" });
      return `${answer.status} ${problem.safeParse(answer.json).data?.errors?.[0]?.path}`;
    },
  },
  {
    bullet: times,
    kind: "an end",
    input: "startedAt 10:00, finish with endedAt 11:30, both in January, logged later",
    before: "400 invalid-request endedAt: unknown key",
    after: "90 minutes",
    observe: async ({ api: start }) => {
      const api = await start();
      const { id } = await logged(api, { startedAt: "2026-01-02T10:00:00Z" });
      const end = await post(api, `/runs/${id}/finish`, { endedAt: "2026-01-02T11:30:00Z" });
      return end.status === 200 ? `${(run.parse(end.json).durationMs ?? 0) / 60_000} minutes` : said(end);
    },
  },
  {
    bullet: times,
    kind: "an absurd duration",
    input: "startedAt of last January, finished at once without an end",
    before: "a duration of months, to the moment of logging",
    after: "no duration",
    observe: async ({ api: start }) => {
      const api = await start();
      const { id } = await logged(api, { startedAt: "2026-01-02T10:00:00Z" });
      const { durationMs } = run.parse((await post(api, `/runs/${id}/finish`, {})).json);
      return durationMs === null ? "no duration" : `${durationMs / 60_000} minutes`;
    },
  },
  ...["image_to_text_R@1", "Business Score", "recall (TPR)", "5_fold_cv", "准确率"].map(nameCase),
  refusedName(
    "a line break in a name",
    "a\nb",
    "holds U+000A: a metric's name is of characters that can be printed",
  ),
  refusedName("251 characters", "x".repeat(251), "has 251 characters, 250 are allowed"),
  refusedName("a space at the end", "loss ", "begins or ends with a space"),
  {
    bullet: names,
    kind: "a list of runs",
    input: "a run with 2,000 metrics",
    before: "2000 of 2000 in its row",
    after: "50 of 2000 in its row; 2000 with metrics=all",
    observe: async ({ api: start }) => {
      const api = await start();
      const many = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`m${i}`, i]));
      const { sweepId } = await measured(api, many);
      const row = async (query: string) =>
        (await api.get(`/runs?sweepId=${sweepId}${query}`, pageOf(run))).items[0];
      const [short, long] = [await row(""), await row("&metrics=all")];
      const inRow = (one: typeof short) => Object.keys(one?.summary ?? {}).length;
      return `${inRow(short)} of ${short?.summaryCount} in its row; ${inRow(long)} with metrics=all`;
    },
  },
];
