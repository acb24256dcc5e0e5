import { digestOf, saidOfBits, type ToldRun, toldStudy } from "./evidence-study.js";
import type { TruthCase } from "./truth-case.js";

const bullet =
  "Digests from outside: the program reports equal digests, environment not recorded; equal digests with unequal metrics or predictions are a contradiction in red; no environment is not one environment.";

const equal = digestOf("a");
const scores = [0.1, 0.9, 0.2, 0.8];

type Case = {
  kind: string;
  input: string;
  before: string;
  after: string;
  runs: ToldRun[];
  headline?: true;
  about?: RegExp;
};

/** What is said of the bits of a study, verdict by verdict, or in the headline. */
const row = ({ runs, headline, about, ...texts }: Case): TruthCase => ({
  bullet,
  ...texts,
  observe: async (tools) => {
    const api = await tools.api();
    const { sweepId } = await toldStudy(api, runs);
    const said = await saidOfBits(api, sweepId, about);
    if (headline) return `${said.headline.tone}: ${said.headline.sentence}`;
    return said.ofBits.map(({ tone, sentence }) => `${tone}: ${sentence}`).join(" ") || "nothing";
  },
});

export const digestCases: TruthCase[] = [
  row({
    kind: "verdict on runs from outside",
    input: "two deterministic runs with one digest and accuracy .84, no environment",
    before:
      "good: Both deterministic executions repeat to the bit: equal digests in one environment (unknown backend on local). This shows repeatability there, not on other hardware, and says nothing about accuracy.",
    after:
      "neutral: The program reports equal digests of final weights for both deterministic executions, environment not recorded. Reprise has not computed them; they say nothing about other hardware or about accuracy.",
    runs: [
      { accuracy: 0.84, digest: equal },
      { accuracy: 0.84, digest: equal },
    ],
  }),
  row({
    kind: "headline of runs from outside",
    input: "the same two runs",
    before: "good: Deterministic executions repeat to the bit.",
    after: "neutral: The program reports equal digests of deterministic executions.",
    headline: true,
    runs: [
      { accuracy: 0.84, digest: equal },
      { accuracy: 0.84, digest: equal },
    ],
  }),
  row({
    kind: "contradiction study",
    input: "two deterministic runs with one digest, accuracies .84 and .92, no environment",
    before:
      "good: Both deterministic executions repeat to the bit: equal digests in one environment (unknown backend on local). This shows repeatability there, not on other hardware, and says nothing about accuracy.",
    after:
      "contradiction: Contradiction: 2 runs of one configuration, seed 0, report the same digest of their final weights (aaaaaaaa) but different validation accuracy: 0.84 (det 1) and 0.92 (det 2).",
    runs: [
      { accuracy: 0.84, digest: equal },
      { accuracy: 0.92, digest: equal },
    ],
  }),
  row({
    kind: "headline of the contradiction study",
    input: "the same two runs",
    before: "good: Deterministic executions repeat to the bit.",
    after:
      "contradiction: The record contradicts itself. 2 runs of one configuration, seed 0, report the same digest of their final weights (aaaaaaaa) but different validation accuracy: 0.84 (det 1) and 0.92 (det 2).",
    headline: true,
    runs: [
      { accuracy: 0.84, digest: equal },
      { accuracy: 0.92, digest: equal },
    ],
  }),
  row({
    kind: "contradiction between arms",
    input: "one digest in a deterministic run with .84 and a free one with .92",
    before: "neutral: 1 configuration was trained once: whether the result would happen again is not known.",
    after:
      "contradiction: The record contradicts itself. 2 runs of one configuration, seed 0, report the same digest of their final weights (aaaaaaaa) but different validation accuracy: 0.84 (det 1) and 0.92 (free 1).",
    headline: true,
    runs: [
      { accuracy: 0.84, digest: equal },
      { accuracy: 0.92, digest: equal, arm: "free" },
    ],
  }),
  row({
    kind: "equal digests, unequal predictions",
    input: "accuracy .84 in both; one case has another score",
    before:
      "good: Both deterministic executions repeat to the bit: equal digests in one environment (unknown backend on local). This shows repeatability there, not on other hardware, and says nothing about accuracy.",
    after:
      "contradiction: Contradiction: 2 runs of one configuration, seed 0, report the same digest of their final weights (aaaaaaaa) but different predictions (test), by digests of their scores: 3ac55887 (det 1) and 5080faa0 (det 2).",
    runs: [
      { accuracy: 0.84, digest: equal, scores },
      { accuracy: 0.84, digest: equal, scores: [0.1, 0.9, 0.3, 0.8] },
    ],
  }),
  row({
    kind: "equal final digests, unequal initial weights",
    input: "accuracy .84 in both",
    before:
      "good: Both deterministic executions repeat to the bit: equal digests in one environment (unknown backend on local). This shows repeatability there, not on other hardware, and says nothing about accuracy.",
    after:
      "contradiction: Contradiction: 2 runs of one configuration, seed 0, report the same digest of their final weights (aaaaaaaa) but different digests of initial weights: 11111111 (det 1) and 22222222 (det 2).",
    runs: ["1", "2"].map((initial) => ({
      accuracy: 0.84,
      digest: equal,
      digests: [{ kind: "initialWeights", positions: [0], digests: [digestOf(initial)] }],
    })),
  }),
  row({
    kind: "one run, two digests",
    input: "rung finalWeights is b…, the digest at the end a…",
    before: "nothing",
    after:
      "contradiction: Contradiction: Run det 1 of one configuration, seed 0, reports bbbbbbbb as the digest of its final weights, but aaaaaaaa at its end.",
    runs: [
      {
        accuracy: 0.84,
        digest: equal,
        digests: [{ kind: "finalWeights", positions: [0], digests: [digestOf("b")] }],
      },
    ],
  }),
  row({
    kind: "equal data, unequal numbers of cases",
    input: "two free runs with one digest of the data score 4 and 3 cases",
    before: "nothing",
    after:
      "contradiction: Contradiction: 2 runs report the same digest of the data (dddddddd) but different numbers of evaluated cases (test): 4 (free 1) and 3 (free 2).",
    runs: [scores, scores.slice(1)].map((own, index) => ({
      ...{ arm: "free", accuracy: 0.84, digest: digestOf(String(index)), scores: own },
      digests: [{ kind: "dataset", positions: [0], digests: [digestOf("d")] }],
    })),
  }),
  row({
    kind: "unequal digests, equal metrics",
    input: "accuracy .84 in both: no contradiction",
    before:
      "attention: Deterministic executions did not repeat in 1 of 1 configuration-and-seed cells (one configuration, seed 0: 2 digests in 2 runs). Compare the ladders of two such runs to see where they part.",
    after:
      "attention: The program reports unequal digests of deterministic executions in 1 of 1 configuration-and-seed cells (one configuration, seed 0: 2 digests in 2 runs). Compare the ladders of two such runs to see where they part.",
    runs: [
      { accuracy: 0.84, digest: equal },
      { accuracy: 0.84, digest: digestOf("b") },
    ],
  }),
  row({
    kind: "environment of one run only",
    input: "two deterministic runs with one digest; the first tells its environment",
    before:
      "good: Both deterministic executions repeat to the bit: equal digests in 2 environments (unknown backend on local). This shows repeatability there, not on other hardware, and says nothing about accuracy.",
    after:
      "neutral: The program reports equal digests of final weights for both deterministic executions in one environment, recorded for 1 of 2 runs (local). Reprise has not computed them; they say nothing about other hardware or about accuracy.",
    runs: [
      { accuracy: 0.84, digest: equal, environment: { "torch.version": "2.4.0" } },
      { accuracy: 0.84, digest: equal },
    ],
  }),
  row({
    kind: "equality of weights of which some are unknown",
    input: "two seeds, two free runs each with accuracy .84; one run of each seed has a digest",
    before:
      "neutral: one configuration: 4 free executions gave the same validation accuracy at each of 2 seeds. Final weights are equal within each seed.",
    after:
      "neutral: one configuration: 4 free executions gave the same validation accuracy at each of 2 requested seeds. 2 of these 4 runs have no digest, so it is not known whether their weights are equal.",
    about: /spread/,
    runs: [0, 0, 1, 1].map((seed, index) => ({
      ...{ seed, arm: "free", accuracy: 0.84 },
      ...(index % 2 === 0 ? { digest: digestOf(String(seed)) } : {}),
    })),
  }),
];
