import { besideReference, pageOf, preset, run, studyReport } from "@reprise/contracts";
import { announceWorker, smallStudy, trainRun } from "../integration/api-harness.js";
import type { TruthCase, TruthTools } from "./truth-case.js";

const bullet = "Both paper presets and their tables say what is known";

/** What a preset says of one thing that it does otherwise, and of how many. */
async function deviation({ api }: TruthTools, name: string, what: string) {
  const { deviations, source } = await (await api()).get(`/presets/${name}`, preset);
  const found = deviations.find((item) => item.what === what);
  return `${deviations.length} deviations (${source}). ${what}: ${found?.paper}; here: ${found?.here}.`;
}

/** A small study with accuracies of its own, made from a preset, and the figure that stands beside a published one. */
async function study({ api }: TruthTools) {
  const on = await api();
  const worker = await announceWorker(on);
  const answer = await on.call("POST", "/sweeps?preset=cuda-randomness/cifar10-built-in", {
    body: smallStudy,
  });
  const { id } = answer.json as { id: string };
  for (const { id: runId, arm, repeat } of (await on.get(`/runs?sweepId=${id}`, pageOf(run))).items)
    await trainRun(on, worker, runId, {
      testAccuracy: arm === "det" ? 0.93 : 0.9 + 0.01 * repeat,
      digest: `${repeat}`.padEnd(64, "0"),
    });
  return { on, id };
}

async function beside(tools: TruthTools, metric: string, dataset: string, row: string) {
  const { on, id } = await study(tools);
  const { rows } = await on.get(
    `/references/cuda-randomness/beside/${id}?analysis=determinism&metric=${metric}&dataset=${dataset}`,
    besideReference,
  );
  const found = rows.find((each) => each.row === row && each.quantity === "Nondeterministic mean");
  return `published ${found?.published}, measured ${found?.measured ?? "nothing"}: ${found?.reason}`;
}

const ours = "those here are ours";
const code =
  "The text of the paper, and the authors' public code (github.com/bahadirery/repincv, last commit 0fe7b2b), read on 2026-11-29";

const deviations: [name: string, what: string, after: string][] = [
  [
    "cuda-randomness/cifar10-built-in",
    "Adam",
    `13 deviations (${code}). Adam: Learning rate 0.01, β = (0.851436, 0.999689), AMSGrad, no weight decay; here: Learning rate 0.001, β = (0.9, 0.999), no AMSGrad, weight decay 0.0005 added to the gradient.`,
  ],
  [
    "cuda-randomness/sdnet2018-built-in",
    "Reported value",
    `15 deviations (${code}). Reported value: F1 weighted over both classes, of the model with the lowest validation loss; here: F1 of the class of cracks, at the epoch with the lowest validation loss.`,
  ],
  [
    "cuda-randomness/cbis-ddsm-built-in",
    "Network",
    `15 deviations (${code}). Network: ResNet34 from ImageNet weights, average pooling, one output through a sigmoid; here: Pre-activation ResNet-18 from scratch, two outputs through a softmax.`,
  ],
  [
    "cuda-randomness/cifar10",
    "TF32",
    `8 deviations (${code}). TF32: Left to PyTorch: on in convolutions, off in matrix products; here: On in both, in both arms; the last layer is the one matrix product.`,
  ],
  [
    "cuda-randomness/sdnet2018",
    "Split",
    `9 deviations (${code}). Split: Images divided at random, 80 to 20 with state 42; a separate list of test images; here: Images divided at random with seed 42: 15 % test, the rest 80 to 20. The authors' list of test images is not part of Reprise.`,
  ],
  [
    "cuda-randomness/cbis-ddsm",
    "SGD",
    `11 deviations (${code}). SGD: Learning rate 0.00075 in 30 set-ups and 0.0000316 in 30; momentum 0.9, weight decay 0.0000398; here: Learning rate 0.00075, momentum 0.9, weight decay 0.0000398.`,
  ],
];

/** What the presets do otherwise than the papers, and which figures may stand beside published ones. */
export const cases: TruthCase[] = [
  ...deviations.map(
    ([name, what, after]): TruthCase => ({
      ...{ bullet, kind: "deviations of a preset", input: `${name}: ${what}`, before: ours, after },
      observe: (tools) => deviation(tools, name, what),
    }),
  ),
  ...[
    [
      "cuda-randomness/laptop-placebo",
      `16 deviations (${code}). Arms: free: cudnn.benchmark on; deterministic: CUDA seed, CUBLAS_WORKSPACE_CONFIG=:4096:8, cudnn.deterministic, use_deterministic_algorithms. The arms differ in the choice of algorithms per process (autotuning), not only in the order of additions; here: Both arms are deterministic: partial gradients are added in index order in one, in other fixed orders in the placebo.`,
    ],
    [
      "clip/laptop-set1",
      "13 deviations (The text and the tables of the paper). Arms: Seeds and cudnn.deterministic fixed as in Figure 2; other operations run as the library likes; here: Fixed order of summation and deterministic algorithms.",
    ],
  ].map(
    ([name = "", after = ""]): TruthCase => ({
      ...{ bullet, kind: "deviations of a laptop preset", input: `${name}: Arms`, after },
      before: "0 deviations (null). Arms: undefined; here: undefined.",
      observe: (tools) => deviation(tools, name, "Arms"),
    }),
  ),
  {
    ...{ bullet, kind: "a CLIP preset says what the paper leaves open", input: "clip/set2" },
    before:
      "Whether checkpointing, batch-norm synchronisation and static graph were on is ambiguous, in running text only",
    after:
      "5 deviations (The text and the tables of the paper). Positive class of sensitivity: Not stated; here: Lymph node containing metastatic tumor tissue.",
    observe: (tools) => deviation(tools, "clip/set2", "Positive class of sensitivity"),
  },
  {
    ...{
      bullet,
      kind: "another quantity beside a published number",
      input: "test accuracy beside CIFAR-10, ADAM0",
    },
    before: "published 92.19, measured 91.00",
    after:
      "published 92.19, measured nothing: Another quantity: published is the best test accuracy of any epoch, chosen on the test set; measured is test accuracy of the last epoch.",
    observe: (tools) => beside(tools, "testAccuracy", "CIFAR-10", "CIFAR-10, Accuracy, ADAM0"),
  },
  {
    ...{
      bullet,
      kind: "another quantity beside a published number",
      input: "AUC of the last epoch beside CBIS-DDSM, ADAM0",
    },
    before: "published 78.17, measured 91.00",
    after:
      "published 78.17, measured nothing: Another quantity: published is the area under the ROC curve of the model with the lowest validation loss; measured is test AUC of the last epoch.",
    observe: (tools) => beside(tools, "testAuc", "CBIS-DDSM", "CBIS-DDSM, AUC, ADAM0"),
  },
  {
    ...{
      bullet,
      kind: "the report of a study made from a preset",
      input: "a changed document of cuda-randomness/cifar10-built-in",
    },
    before: "no word of the preset",
    after: `13 deviations. The study's document was taken from the preset cuda-randomness/cifar10-built-in, which follows a published study and differs from it as listed. Source for the published study: ${code}. The document was changed afterwards: what is listed as “here” describes the preset, not this study.`,
    observe: async (tools) => {
      const { on, id } = await study(tools);
      const { deviations: found } = await on.get(`/sweeps/${id}/report?format=json`, studyReport);
      return `${found?.items.length} deviations. ${found?.sentence}`;
    },
  },
];
