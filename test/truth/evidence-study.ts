import { run } from "@reprise/contracts";
import { z } from "zod";
import type { ApiUnderTest } from "../integration/api-harness.js";
import { send } from "./logged-study.js";

/** A run that its program tells of, with what it says of itself. */
export type ToldRun = {
  seed?: number;
  arm?: string;
  params?: Record<string, string | number>;
  environment?: Record<string, string | number | boolean | null>;
  /** Value of the metric at the end; none where it is not given. */
  accuracy?: number;
  digest?: string;
  /** Rungs that are reported beside it. */
  digests?: { kind: string; positions: number[]; digests: string[] }[];
  /** Scores of the positive class of the test cases. */
  scores?: number[];
  status?: "succeeded" | "failed";
};

export const digestOf = (letter: string) => letter.repeat(64);

/** A study of runs trained elsewhere, in arms `det` and `free`, as their program tells of it. */
export async function toldStudy(
  api: ApiUnderTest,
  runs: readonly ToldRun[],
  more: object = {},
): Promise<{ sweepId: string; runIds: string[] }> {
  const { id: sweepId } = await api.createSweep({
    name: "told",
    trainer: "external",
    dataset: "slides",
    search: { method: "external" },
    modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 2 } },
    objective: { metric: "validationAccuracy", direction: "maximize" },
    ...more,
  });
  const runIds: string[] = [];
  for (const { seed = 0, arm = "det", params = {}, environment, accuracy, digest, status, ...told } of runs) {
    const body = { sweepId, params, seed, arm, ...(environment ? { environment } : {}) };
    const { id } = run.parse(await send(api, "/runs", body));
    runIds.push(id);
    if (accuracy !== undefined || told.digests)
      await send(api, `/runs/${id}/metrics`, {
        ...(accuracy === undefined ? {} : { step: 1, metrics: { validationAccuracy: accuracy } }),
        digests: told.digests ?? [],
      });
    if (told.scores)
      await send(api, `/runs/${id}/predictions`, {
        ids: told.scores.map((_, index) => `case ${index}`),
        labels: told.scores.map((_, index) => index % 2),
        scores: told.scores.map((score) => [1 - score, score]),
        classes: ["benign", "malignant"],
        positiveClass: 1,
      });
    await send(api, `/runs/${id}/finish`, { digest: digest ?? null, ...(status ? { status } : {}) });
  }
  return { sweepId, runIds };
}

const sentences = z.object({
  headline: z.object({ sentence: z.string(), tone: z.string() }),
  verdicts: z.array(z.object({ kind: z.string(), tone: z.string(), sentence: z.string() })),
});

/** What the analysis of determinism says first, and its verdict on bits. */
export async function saidOfBits(
  api: ApiUnderTest,
  sweepId: string,
  about = /identical|equal-digests|contradiction/,
) {
  const { headline, verdicts } = await api.get(`/sweeps/${sweepId}/analyses/determinism`, sentences);
  const ofBits = verdicts.filter(({ kind }) => about.test(kind));
  return { headline, ofBits };
}

const report = z.object({
  design: z.array(z.object({ label: z.string(), value: z.string() })),
  limits: z.array(z.string()),
  methods: z.array(z.object({ text: z.string() })),
  checklists: z.array(
    z.object({
      name: z.string(),
      items: z.array(z.object({ asks: z.string(), status: z.string(), answer: z.string() })),
    }),
  ),
});

/** Parts of the report of a study that a row looks at. */
export async function reportOf(api: ApiUnderTest, sweepId: string) {
  const { limits, methods, checklists, design } = await api.get(`/sweeps/${sweepId}/report`, report);
  return {
    limit: (about: RegExp) => limits.filter((line) => about.test(line)).join(" ") || "nothing",
    methods: methods.map(({ text }) => text).join(" "),
    design: (label: string) => design.find((fact) => fact.label === label)?.value ?? "nothing",
    /** "missing: …", the answer to the first question that asks for it. */
    answer: (asks: RegExp) => {
      const item = checklists.flatMap(({ items }) => items).find((one) => asks.test(one.asks));
      return item ? `${item.status}: ${item.answer}` : "nothing";
    },
  };
}
