import { digestOf, reportOf, saidOfBits, type ToldRun, toldStudy } from "./evidence-study.js";
import type { TruthCase } from "./truth-case.js";

const arms =
  'Variables that Reprise sets per arm are the treatment, not "2 environments: differences may stem from them"; page and report count alike.';
const data = "dataset.digest null and a split the program drew itself are said so.";
const none = "No environment is not one environment.";

const machine = { "cpu.model": "A", "os.kernel": "6.1", "torch.version": "2.4.0", "code.commit": "abc" };
const workspace = "variable.CUBLAS_WORKSPACE_CONFIG";

type Said = Awaited<ReturnType<typeof reportOf>> & { bits: string };
type Case = {
  bullet: string;
  kind: string;
  input: string;
  before: string;
  after: string;
  runs: ToldRun[];
  of: (said: Said) => string;
  more?: object;
};

const row = ({ runs, of, more, ...texts }: Case): TruthCase => ({
  ...texts,
  observe: async (tools) => {
    const api = await tools.api();
    const { sweepId } = await toldStudy(api, runs, more);
    const { ofBits } = await saidOfBits(api, sweepId);
    return of({ ...(await reportOf(api, sweepId)), bits: ofBits.map(({ sentence }) => sentence).join(" ") });
  },
});

const environment = ({ limit }: Said) => limit(/environment/i);

/** Two deterministic and two free runs, each arm in an environment of its own. */
const inArms = (det: ToldRun["environment"], free: ToldRun["environment"]): ToldRun[] =>
  ["det", "det", "free", "free"].map((arm) => ({
    ...{ arm, accuracy: 0.84, digest: digestOf("a") },
    environment: arm === "det" ? det : free,
  }));

const plain: ToldRun[] = [{ accuracy: 0.84 }, { accuracy: 0.85 }];
const withData = (letters: string) =>
  [...letters].map((letter) => ({
    accuracy: 0.84,
    digests: [{ kind: "dataset", positions: [0], digests: [digestOf(letter)] }],
  }));

export const recordCases: TruthCase[] = [
  row({
    bullet: arms,
    kind: "limits of a report",
    input: "arms differ in CUBLAS_WORKSPACE_CONFIG and summationOrder",
    before: "2 environments: differences between runs may stem from them.",
    after:
      "One recorded environment: repeatability here does not carry over to other hardware, drivers or library versions. Between arms the environment differs in 2 values that an arm sets (summationOrder and variable.CUBLAS_WORKSPACE_CONFIG): this is the treatment, not another environment.",
    runs: inArms(
      { ...machine, [workspace]: ":4096:8", summationOrder: "fixed" },
      { ...machine, [workspace]: null, summationOrder: "free" },
    ),
    of: environment,
  }),
  row({
    bullet: arms,
    kind: "limits of a report",
    input: "arms differ in these and in the version of PyTorch",
    before: "2 environments: differences between runs may stem from them.",
    after:
      "2 environments: differences between runs may stem from them. They differ in torch.version. Between arms the environment differs in 1 value that an arm sets (variable.CUBLAS_WORKSPACE_CONFIG): this is the treatment, not another environment.",
    runs: inArms(
      { ...machine, [workspace]: ":4096:8" },
      { ...machine, [workspace]: null, "torch.version": "2.5.0" },
    ),
    of: environment,
  }),
  row({
    bullet: arms,
    kind: "methods paragraph, environments",
    input: "arms differ in CUBLAS_WORKSPACE_CONFIG only",
    before:
      "4 runs of 4 succeeded and are recorded with 2 environment fingerprints, each with a digest of the final weights.",
    after: "The runs were executed in one recorded environment, apart from what each arm sets.",
    runs: inArms({ ...machine, [workspace]: ":4096:8" }, machine),
    of: ({ methods }) =>
      /[^.]*(fingerprints?|recorded environments?)[^.]*\./.exec(methods)?.[0].trim() ?? "nothing",
  }),
  row({
    bullet: arms,
    kind: "verdict on bits, runs of one arm that differ in what the arm should set",
    input: "one of two deterministic runs has TF_DETERMINISTIC_OPS",
    before:
      "Both deterministic executions repeat to the bit: equal digests in 2 environments (unknown backend on local). This shows repeatability there, not on other hardware, and says nothing about accuracy.",
    after:
      "The program reports equal digests of final weights for both deterministic executions in 2 environments (local). Reprise has not computed them; they say nothing about other hardware or about accuracy.",
    runs: [
      { accuracy: 0.84, digest: digestOf("a"), environment: { ...machine, TF_DETERMINISTIC_OPS: "1" } },
      { accuracy: 0.84, digest: digestOf("a"), environment: machine },
    ],
    of: ({ bits }) => bits,
  }),
  row({
    bullet: none,
    kind: "limits of a report",
    input: "no run tells its environment",
    before:
      "One environment: repeatability here does not carry over to other hardware, drivers or library versions.",
    after:
      "No environment is recorded, so it is not known where these runs were executed, nor whether all were executed in one place.",
    runs: plain,
    of: environment,
  }),
  row({
    bullet: none,
    kind: "limits of a report",
    input: "one of two runs tells its environment",
    before:
      "One environment: repeatability here does not carry over to other hardware, drivers or library versions.",
    after:
      "One recorded environment: repeatability here does not carry over to other hardware, drivers or library versions. No environment is recorded for 1 of 2 runs, so it is not known whether they were executed where the others were.",
    runs: [{ accuracy: 0.84, environment: machine }, { accuracy: 0.85 }],
    of: environment,
  }),
  row({
    bullet: none,
    kind: "checklist, environment",
    input: "one of two runs tells its environment",
    before: "reported: 1 fingerprint of hardware, drivers, libraries, code and data in this report.",
    after: "missing: No environment is recorded for 1 of 2 runs.",
    runs: [{ accuracy: 0.84, environment: machine }, { accuracy: 0.85 }],
    of: ({ answer }) => answer(/Computing environment/),
  }),
  row({
    bullet: none,
    kind: "checklist, a partial environment",
    input: "both runs tell a version of PyTorch and nothing else",
    before: "reported: 1 fingerprint of hardware, drivers, libraries, code and data in this report.",
    after:
      "reported: 1 environment in this report (1 fingerprint). The recorded environment says nothing about hardware, operating system and code, so differences there are not visible.",
    runs: plain.map((run) => ({ ...run, environment: { "torch.version": "2.4.0" } })),
    of: ({ answer }) => answer(/Computing environment/),
  }),
  row({
    bullet: data,
    kind: "limits of a report, digest of the data",
    input: "no run reports a digest of its data",
    before: "nothing",
    after: "The data have no digest, so it is not shown that the runs saw the same data.",
    runs: plain,
    of: ({ limit }) => limit(/digest/i),
  }),
  row({
    bullet: data,
    kind: "limits of a report, digests of the data",
    input: "two runs report different digests of their data",
    before: "nothing",
    after:
      "2 different digests of the data or their split are reported by 2 runs: they were not all trained on the same cases.",
    runs: withData("ab"),
    of: ({ limit }) => limit(/digest/i),
  }),
  row({
    bullet: data,
    kind: "methods paragraph, split",
    input: "a study of runs from outside",
    before: "divided into 60% training, 20% validation and 20% test cases (split seed 1)",
    after: "divided by the program. The split was drawn by the program; Reprise does not know its cases",
    runs: plain,
    of: ({ methods }) =>
      [/divided.*?(?=, with)/.exec(methods)?.[0], /The split was[^.]*/.exec(methods)?.[0]]
        .filter(Boolean)
        .join(". "),
  }),
  row({
    bullet: data,
    kind: "checklist, split",
    input: "a study of runs from outside",
    before: "reported: Shares 0.6 / 0.2 / 0.2, drawn with seed 1, equal in all runs.",
    after:
      "by-hand: The split was drawn by the program; Reprise does not know its cases. Say how it was drawn, and whether all runs share it.",
    runs: plain,
    of: ({ answer }) => answer(/How models were evaluated/),
  }),
  row({
    bullet: data,
    kind: "checklist, dependence of cases",
    input: "a study of runs from outside",
    before:
      "missing: Parts are disjoint by case; no group (patient, slide, site) was declared. Say why cases are independent.",
    after:
      "by-hand: The split was drawn by the program; Reprise does not know its cases. Say at which level (patient, slide, site) parts are disjoint.",
    runs: plain,
    of: ({ answer }) => answer(/Dependence between/),
  }),
  row({
    bullet: data,
    kind: "design, data set",
    input: "a study of runs from outside",
    before: "slides; split 0.6 / 0.2 / 0.2 (train / validation / test) drawn with seed 1",
    after: "slides. The split was drawn by the program; Reprise does not know its cases.",
    runs: plain,
    of: ({ design }) => design("Data set"),
  }),
];
