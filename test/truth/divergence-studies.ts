import { run } from "@reprise/contracts";
import { z } from "zod";
import type { ApiUnderTest } from "../integration/api-harness.js";
import { send } from "./logged-study.js";
import type { TruthCase } from "./truth-case.js";

/** A training as its program logs it, epoch by epoch. */
type Training = {
  seed?: number;
  arm?: string;
  group?: string;
  loss: (number | string)[];
  accuracy: (number | string)[];
  digest?: string;
};

/** Loss NaN from epoch 2; the accuracy is that of whoever always names the same class. */
const gone = { loss: [2.1, "NaN", "NaN"], accuracy: [0.5, 0.37, 0.37], digest: "a".repeat(64) };
const sound = (last: number, digest: string) => ({
  ...{ loss: [0.7, 0.5, 0.3], accuracy: [0.5, 0.7, last], digest: digest.repeat(64) },
});

async function studyOf(api: ApiUnderTest, trainings: readonly Training[]): Promise<string> {
  const { id: sweepId } = await api.createSweep({
    ...{ name: "learning rate 1e30", trainer: "external", dataset: "slides", search: { method: "external" } },
    modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 4 } },
    objective: { metric: "validationAccuracy", direction: "maximize" },
    analysisPlan: {
      primaryMetric: "validationAccuracy",
      contrasts: ["mode"],
      margin: { validationAccuracy: 0.01 },
    },
  });
  for (const { seed = 0, arm = "free", group = "one", loss, accuracy, digest } of trainings) {
    const body = { sweepId, seed, arm, params: { group }, environment: { machine: "one" } };
    const { id } = run.parse(await send(api, "/runs", body));
    const steps = loss.map((_, index) => index + 1);
    const series = { trainLoss: { steps, values: loss }, validationAccuracy: { steps, values: accuracy } };
    await send(api, `/runs/${id}/metrics`, { series });
    await send(api, `/runs/${id}/finish`, { digest: digest ?? null });
  }
  return sweepId;
}

const said = z.object({
  headline: z.object({ sentence: z.string() }).optional(),
  verdicts: z.array(z.object({ kind: z.string(), sentence: z.string() })),
  notes: z.array(z.string()),
});

const det = { arm: "det" };
const allGone: Training[] = [...[0, 1].map(() => ({ ...det, ...gone })), ...[0, 1, 2, 3].map(() => gone)];
const someGone: Training[] = [
  ...[0, 1].map(() => ({ ...det, ...sound(0.9, "b") })),
  ...[0.9, 0.91, 0.92].map((last, index) => sound(last, "cde".charAt(index))),
  gone,
];

const studies: Record<string, { input: string; trainings: Training[] }> = {
  all: {
    input: "2 deterministic and 4 free runs whose loss is NaN from step 2, with one accuracy and digest",
    trainings: allGone,
  },
  some: {
    input: "2 deterministic and 4 free runs, of one of which the loss is NaN from step 2",
    trainings: someGone,
  },
};
const made = new Map<string, Promise<string>>();
const sweepOf = (api: ApiUnderTest, name: string) => {
  const known = made.get(name) ?? studyOf(api, studies[name]?.trainings ?? []);
  made.set(name, known);
  return known;
};

type Reading = (api: ApiUnderTest, sweepId: string) => Promise<string>;
const analysis = (name: string, read: (answer: z.infer<typeof said>) => string): Reading => {
  return async (api, sweepId) =>
    read(await api.get(`/sweeps/${sweepId}/analyses/${name}?metric=validationAccuracy`, said));
};
const headline = analysis("determinism", (answer) => answer.headline?.sentence ?? "");
const ofKind = (name: string, kind: RegExp) =>
  analysis(
    name,
    ({ verdicts }) =>
      verdicts.flatMap((verdict) => (kind.test(verdict.kind) ? verdict.sentence : [])).join(" ") || "nothing",
  );
const firstVerdict = (name: string) => analysis(name, ({ verdicts }) => verdicts[0]?.sentence ?? "nothing");

const row = (
  bullet: string,
  kind: string,
  study: string,
  read: Reading,
  before: string,
  after: string,
): TruthCase => ({
  ...{ bullet, kind, input: studies[study]?.input ?? "", before, after },
  observe: async (tools) => {
    const api = await tools.api();
    return read(api, await sweepOf(api, study));
  },
});

const first = "The first sentence shows it";
const equality = "Equality is not claimed over diverged runs";
const extremes = "Extremes name them";
const curves = "Curves show a mark, and a gap";

export const studyCases: TruthCase[] = [
  row(
    first,
    "first sentence",
    "all",
    headline,
    "The program reports equal digests of deterministic executions. Free executions of one seed end with the same validation accuracy and the same reported digests.",
    "All 6 runs diverged (train loss is NaN from step 2). None of them reached a result that could be compared.",
  ),
  row(
    first,
    "first sentence where some diverged",
    "some",
    headline,
    "The program reports equal digests of deterministic executions. Free executions of one seed end up to 55 pp apart in validation accuracy.",
    "1 of 6 runs diverged (train loss is NaN from step 2). Among the others: the program reports equal digests of deterministic executions. Free executions of one requested seed end up to 2.0 pp apart in validation accuracy. Noise sources, seeds and split are requested, not observed, so more than execution may have varied.",
  ),
  row(
    equality,
    "deterministic runs with equal digests",
    "all",
    ofKind("determinism", /identical|digests/),
    "The program reports equal digests of final weights for both deterministic executions in one environment (local). Reprise has not computed them; they say nothing about other hardware or about accuracy.",
    "nothing",
  ),
  row(
    equality,
    "spread of free runs",
    "all",
    ofKind("determinism", /spread/),
    "one configuration: 4 free executions gave the same validation accuracy at seed 0. Digests of final weights that the program reports are equal between all 4 executions.",
    "nothing",
  ),
  row(
    equality,
    "test against the deterministic run",
    "all",
    ofKind("significance", /degenerate/),
    "one configuration: all 4 free executions have exactly the validation accuracy of the deterministic run of their seed. There is no difference to test; weights and scores may still differ.",
    "one configuration, free executions: runs diverged at the only seed that could be compared, so there is nothing to test.",
  ),
  row(
    equality,
    "pooled test where some diverged",
    "some",
    ofKind("significance", /degenerate|pooled/),
    "one configuration: no mean shift of deterministic runs against free executions detected over 1 seed: +13 [−84, 109] pp in validation accuracy. This is not evidence of equality.",
    "one configuration, free executions: runs diverged at the only seed that could be compared, so there is nothing to test.",
  ),
  row(
    equality,
    "sources of spread",
    "all",
    firstVerdict("variance"),
    "nothing",
    "All 6 runs diverged (train loss is NaN from step 2).",
  ),
  row(
    extremes,
    "best and worst run",
    "some",
    ofKind("extremes", /spread/),
    "Over 6 runs validation accuracy lies between 37 % and 92 %; the best is one configuration, seed 0, free, repeat 2, the worst one configuration, seed 0, free, repeat 3.",
    "Over 6 runs validation accuracy lies between 37 % and 92 %; the best is one configuration, seed 0, free, repeat 2, the worst one configuration, seed 0, free, repeat 3 (it diverged).",
  ),
  row(
    extremes,
    "best and worst run of nothing else",
    "all",
    ofKind("extremes", /spread/),
    "All 6 runs have the same validation accuracy.",
    "37.00 % is the only validation accuracy that 6 runs reported, all of which diverged, so the results are not shown to be equal.",
  ),
  row(
    curves,
    "course of the loss",
    "some",
    async (api, sweepId) => {
      const { notes } = await api.get(`/sweeps/${sweepId}/analyses/curves?metric=trainLoss`, said);
      return notes.filter((note) => note.includes("gap")).join(" ") || "nothing";
    },
    "nothing",
    "one configuration, free: 1 of 4 runs has values that are NaN, first at step 2; the curve has a gap wherever one occurs.",
  ),
];
