import { determinismAnalysis, pageOf, run, studyReport } from "@reprise/contracts";
import { z } from "zod";
import { announceWorker, smallStudy, trainRun } from "../integration/api-harness.js";
import { send } from "./logged-study.js";
import { overrideStudy } from "./override-study.js";
import type { TruthCase, TruthTools } from "./truth-case.js";

const bullet = "Requested, reported, observed, verified: four words, used on every claim";

const silent = "the override program, which tells of nothing";
const watched = "the override program, which tells of it";
type Which = typeof silent | typeof watched;

async function study({ api: start }: TruthTools, which: Which) {
  const api = await start();
  const id = await overrideStudy(api, which === watched ? { observe: true, overrideEvery: 2 } : {});
  return { api, id };
}

/** Accuracies are as random as the program's seeds. */
const masked = (text: string) => text.replaceAll(/[\d.]+ pp/g, "x pp");

async function headline(tools: TruthTools, which: Which) {
  const { api, id } = await study(tools, which);
  const { headline: said } = await api.get(`/sweeps/${id}/analyses/determinism`, determinismAnalysis);
  return `${said.tone}: ${masked(said.sentence)}`;
}

async function report(tools: TruthTools, which: Which) {
  const { api, id } = await study(tools, which);
  return api.get(`/sweeps/${id}/report?format=json`, studyReport);
}

const textOf = ({ methods }: z.infer<typeof studyReport>) => methods.map(({ text }) => text).join(" ");

const fact = async (tools: TruthTools, which: Which, label: string) =>
  (await report(tools, which)).design.find((each) => each.label === label)?.value ?? "";

const answer = async (tools: TruthTools, which: Which, asks: string) =>
  (await report(tools, which)).checklists.flatMap(({ items }) => items).find((item) => item.asks === asks)
    ?.answer ?? "";

const detail = z.looseObject({
  departures: z.int().optional(),
  claims: z
    .array(
      z.looseObject({
        ...{ subject: z.string(), value: z.string(), known: z.string().nullable(), reason: z.string() },
        departs: z.boolean(),
      }),
    )
    .optional(),
});

/** A claim of the last run of an arm, and whether it departs. */
async function claim(tools: TruthTools, which: Which, subject: string) {
  const { api, id } = await study(tools, which);
  const { items } = await api.get(
    `/runs?sweepId=${id}`,
    pageOf(z.looseObject({ id: z.string(), arm: z.string(), repeat: z.int() })),
  );
  const last = items.find(({ arm, repeat }) => arm === "det" && repeat === 1);
  const { claims } = await api.get(`/runs/${last?.id}`, detail);
  const found = claims?.find((each) => each.subject === subject);
  if (!found) return "not said";
  const reason = found.reason.replaceAll(/seed was reported as \d+/g, "seed was reported as x");
  const value = subject === "environment" ? "its digest" : found.value;
  return `${value}: ${found.known}${found.departs ? ", departs" : ""}. ${reason}`;
}

const row = (
  kind: string,
  input: string,
  before: string,
  after: string,
  observe: TruthCase["observe"],
): TruthCase => ({ ...{ bullet, kind, input, before, after }, observe });

const varied = "Varied between repeats";

export const cases: TruthCase[] = [
  row(
    "the headline",
    silent,
    "attention: Deterministic executions do not repeat to the bit. Free executions of one seed end up to x pp apart in test accuracy.",
    "attention: The program reports unequal digests of deterministic executions. Free executions of one requested seed end up to x pp apart in test accuracy. Noise sources, seeds and split are requested, not observed, so more than execution may have varied. There are too few runs to show whether deterministic ones differ from the others.",
    (tools) => headline(tools, silent),
  ),
  row(
    "the headline",
    watched,
    "attention: Deterministic executions do not repeat to the bit. Free executions of one seed end up to x pp apart in test accuracy.",
    "contradiction: 3 of 6 runs did not run as requested, and are not evidence for their arms. Free executions of one reported seed end with the same test accuracy and the same reported digests. Deterministic executions were not repeated.",
    (tools) => headline(tools, watched),
  ),
  row(
    `the report: ${varied}`,
    silent,
    "nothing beside execution",
    "nothing beside execution (requested, not observed)",
    (tools) => fact(tools, silent, varied),
  ),
  row("the report: Seeds", silent, "42", "42 (requested, not observed)", (tools) =>
    fact(tools, silent, "Seeds"),
  ),
  row("the report: Seeds", watched, "42", "42 (requested, but reported to differ)", (tools) =>
    fact(tools, watched, "Seeds"),
  ),
  row(
    "the report: Arms",
    silent,
    "det (fixed order of summation, deterministic algorithms, 2 repeats); free (free order of summation, default algorithms, 4 repeats)",
    "det (fixed order of summation, deterministic algorithms, 2 repeats); free (free order of summation, default algorithms, 4 repeats); requested, not observed",
    (tools) => fact(tools, silent, "Arms"),
  ),
  row(
    "the checklist: training and test details",
    silent,
    "0 shared hyperparameters and what varies are listed; the trainer confirmed what it used.",
    "0 shared hyperparameters and what varies are listed; the values that were used (reported, not observed).",
    (tools) => answer(tools, silent, "Are all training and test details given?"),
  ),
  row(
    "the checklist: split",
    silent,
    "Shares 0.6 / 0.2 / 0.2, drawn with seed 1, equal in all runs.",
    "The split was drawn by the program; Reprise does not know its cases. Say how it was drawn, and whether all runs share it.",
    (tools) => answer(tools, silent, "Training and test data kept apart"),
  ),
  row(
    "the methods paragraph",
    silent,
    "no word of it",
    "Arms, seeds, noise sources and split are those of the specification; hyperparameters are those that the training program names. Spread between repeats: noise sources, seeds and split are requested, not observed, so more than execution may have varied.",
    async (tools) => {
      const methods = textOf(await report(tools, silent));
      return (
        /(Arms, seeds, noise|Reprise's own trainer).*?(alone|varied)\./.exec(methods)?.[0] ?? "no word of it"
      );
    },
  ),
  row(
    "the methods paragraph",
    watched,
    "no word of it",
    "3 of 6 runs did not run as requested: settings reported during training differed from the request.",
    async (tools) => {
      const methods = textOf(await report(tools, watched));
      return /\d of \d runs did not run as.*?\./.exec(methods)?.[0] ?? "no word of it";
    },
  ),
  row(
    "verdicts of another analysis",
    watched,
    "no word of it",
    "3 of 6 runs did not run as requested: seed, torch.backends.cudnn.benchmark and torch.use_deterministic_algorithms were reported to differ from the request.",
    async (tools) => {
      const { api, id } = await study(tools, watched);
      const { verdicts } = await api.get(
        `/sweeps/${id}/analyses/significance`,
        z.looseObject({ verdicts: determinismAnalysis.shape.verdicts }),
      );
      return verdicts.find(({ kind }) => String(kind) === "departed")?.sentence ?? "no word of it";
    },
  ),
  row(
    "a claim of a run: algorithms",
    silent,
    "not said",
    "deterministic: requested. Requested from the training program; nothing confirms that it was applied.",
    (tools) => claim(tools, silent, "algorithms"),
  ),
  row(
    "a claim of a run: algorithms",
    watched,
    "not said",
    "deterministic: reported, departs. torch.use_deterministic_algorithms was reported as false from step 20 to step 60; true was requested.",
    (tools) => claim(tools, watched, "algorithms"),
  ),
  row(
    "a claim of a run: autotuning",
    watched,
    "not said",
    "off: reported, departs. torch.backends.cudnn.benchmark was reported as true from step 20 to step 60; false was requested.",
    (tools) => claim(tools, watched, "autotune"),
  ),
  row(
    "a claim of a run: seed",
    silent,
    "not said",
    "42: requested. Requested from the training program; nothing confirms that it was applied.",
    (tools) => claim(tools, silent, "seed"),
  ),
  row(
    "a claim of a run: seed",
    watched,
    "not said",
    "42: reported, departs. seed was reported as x from step 20 to step 60; 42 was requested.",
    (tools) => claim(tools, watched, "seed"),
  ),
  row(
    "a claim of a run: effective parameters",
    silent,
    "not said",
    "3 values: reported. The program names the values that it uses; their use was not observed.",
    (tools) => claim(tools, silent, "parameters"),
  ),
  row(
    "a claim of a run: environment",
    silent,
    "not said",
    "its digest: reported. The worker read machine and variables from outside the process; the libraries loaded in it are as the program reports them.",
    (tools) => claim(tools, silent, "environment"),
  ),
  row("runs found by what was told", watched, "400", "3 of 6 runs", async (tools) => {
    const { api, id } = await study(tools, watched);
    const filter = new URLSearchParams({ sweepId: id, filter: "departures > 0" });
    const found = await api.call("GET", `/runs?${filter}`);
    if (found.status !== 200) return String(found.status);
    return `${pageOf(run).parse(found.json).items.length} of 6 runs`;
  }),
  row(
    "a program of Reprise's own",
    "a study of the built-in trainer",
    "nothing beside execution",
    "nothing beside execution (observed)",
    async ({ api: start }) => {
      const api = await start();
      const worker = await announceWorker(api);
      const { id } = await api.createSweep({ ...smallStudy, name: "own" });
      for (const { id: runId } of (
        await api.get(`/runs?sweepId=${id}`, pageOf(z.looseObject({ id: z.string() })))
      ).items)
        await trainRun(api, worker, runId, { testAccuracy: 0.9, digest: "0".repeat(64) });
      const { design } = await api.get(`/sweeps/${id}/report?format=json`, studyReport);
      return design.find(({ label }) => label === varied)?.value ?? "";
    },
  ),
  row(
    "a run from outside",
    "observed twice, an unknown setting changes",
    "404",
    "1 departure",
    async ({ api: start }) => {
      const api = await start();
      const { id } = run.loose().parse(await send(api, "/runs", { dataset: "slides", seed: 1 }));
      const observations = [
        { step: 0, name: "my.flag", value: "a" },
        { step: 5, name: "my.flag", value: "b" },
      ];
      const told = await api.call("POST", `/runs/${id}/observations`, { body: { observations } });
      if (told.status !== 200) return String(told.status);
      const { departures } = await api.get(`/runs/${id}`, detail);
      return `${departures} departure`;
    },
  ),
  row(
    "a run from outside: seed",
    "looked at three times, once by the program itself",
    "observed",
    "by Reprise's code alone: observed. seed was 1 at 2 observations from step 0 to step 5; with the program's own look: reported. seed was 1 at 3 reports from step 0 to step 9.",
    async ({ api: start }) => {
      const api = await start();
      const { id } = run.loose().parse(await send(api, "/runs", { dataset: "slides", seed: 1 }));
      const told = async (...observations: object[]) => {
        await send(api, `/runs/${id}/observations`, { observations });
        const { claims } = await api.get(`/runs/${id}`, detail);
        const found = claims?.find(({ subject }) => subject === "seed");
        return found ? `${found.known}. ${found.reason}` : "not said";
      };
      const look = { name: "seed", value: 1 };
      const own = await told(
        { ...look, step: 0, observer: "reprise" },
        { ...look, step: 5, observer: "reprise" },
      );
      return `by Reprise's code alone: ${own.slice(0, -1)}; with the program's own look: ${await told({ ...look, step: 9 })}`;
    },
  ),
  row(
    "a run from outside: seed",
    "logged with seed 1 and PYTHONHASHSEED 1 in its environment",
    "not said",
    "1: requested. Stated when the run was planned or announced; nothing confirms it.",
    async ({ api: start }) => {
      const api = await start();
      const body = { dataset: "slides", seed: 1, environment: { PYTHONHASHSEED: "1" } };
      const { id } = run.loose().parse(await send(api, "/runs", body));
      const { claims } = await api.get(`/runs/${id}`, detail);
      const found = claims?.find(({ subject }) => subject === "seed");
      return found ? `${found.value}: ${found.known}. ${found.reason}` : "not said";
    },
  ),
  row(
    "a run from outside: seed",
    "logged with seed 1",
    "not said",
    "1: requested. Stated when the run was planned or announced; nothing confirms it.",
    async ({ api: start }) => {
      const api = await start();
      const { id } = run.loose().parse(await send(api, "/runs", { dataset: "slides", seed: 1 }));
      const { claims } = await api.get(`/runs/${id}`, detail);
      const found = claims?.find(({ subject }) => subject === "seed");
      return found ? `${found.value}: ${found.known}. ${found.reason}` : "not said";
    },
  ),
];
