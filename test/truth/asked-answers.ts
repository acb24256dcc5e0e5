import { randomUUID } from "node:crypto";
import {
  fieldErrorLine,
  problem,
  runDetail,
  sweepPreview,
  type TrainerCapabilities,
  trainerCapabilities,
} from "@reprise/contracts";
import { registerWorker } from "@reprise/database";
import { describeTfjsTrainer } from "@reprise/tfjs-trainer";
import type { Answer, ApiUnderTest } from "../integration/api-harness.js";
import { trainer } from "../support/trainer-fixture.js";
import type { TruthCase, TruthTools } from "./truth-case.js";

/** What was refused, line by line, or what `of` says of an answer that went well. */
export function said({ status, json, text }: Answer, of: (body: unknown) => string): string {
  if (status < 300) return of(json);
  const refused = problem.safeParse(json);
  if (!refused.success) return `${status} ${text}`;
  const { detail, errors } = refused.data;
  return `${status} ${errors?.map(fieldErrorLine).join("; ") ?? detail}`;
}

/** Sends a text as JSON as it is, with every digit of its numbers. */
const sendText = (api: ApiUnderTest, path: string, body: string, type = "application/json") =>
  api.call("POST", path, { body, headers: { "content-type": type } });

/** Configurations, errors and warnings of a preview, shortly. */
function previewed(answer: unknown): string {
  const { configurations, errors, warnings } = sweepPreview.parse(answer);
  if (errors.length > 0) return errors.map(fieldErrorLine).join("; ");
  const one = warnings.filter((warning) => warning.includes("in effect"));
  return [
    configurations.map(({ label, params }) => `${label} ${JSON.stringify(params)}`).join(", "),
    ...one,
  ].join(". ");
}

const paramsOf = (body: unknown) =>
  JSON.stringify(runDetail.pick({ params: true }).loose().parse(body).params);

const rules = {
  shards: { type: "integer", description: "", default: 8, minimum: 1 },
  batchNorm: { type: "boolean", description: "", default: true },
  probeCases: { type: "integer", description: "", default: 0, minimum: 0, limitedBy: "testCases" },
  batchSizePerRank: {
    type: "integer",
    description: "",
    default: 32,
    minimum: 1,
    limitedBy: "trainingCasesPerRank",
  },
  batchSize: {
    type: "integer",
    description: "",
    default: 32,
    minimum: 1,
    limitedBy: "trainingCases",
    atLeast: [
      { times: 2, of: "shards", when: { batchNorm: [true] } },
      { times: 1, of: "shards" },
    ],
  },
  clipNorm: { type: "number", description: "", default: null, nullable: true, exclusiveMinimum: 0 },
  schedule: { type: "string", description: "", default: "cosine", choices: ["cosine", "constant"] },
} as const;

/** A trainer of its own name, so that no other case sees it, with the hyperparameters of the built-in one in small. */
async function announce(api: ApiUnderTest, changes: Partial<TrainerCapabilities> = {}): Promise<void> {
  const hyperparameters = { ...trainer.hyperparameters, ...rules };
  await registerWorker(api.db, {
    ...{ id: randomUUID(), name: "shown-worker", host: "localhost", pid: process.pid },
    devices: [{ kind: "cpu", name: "test", index: 0 }],
    leftOut: [],
    capabilities: [trainerCapabilities.parse({ ...trainer, name: "shown", hyperparameters, ...changes })],
  });
}

/** 569 cases, of which 341 are trained on. */
const wdbc = { name: "wdbc", split: { train: 0.6, validation: 0.2, test: 0.2 } };

/** A spec for that trainer. */
const shown = (changes: object) => ({ name: "shown", trainer: "shown", dataset: wdbc, ...changes });

type Row = [kind: string, input: string, before: string, after: string];
export type Observe = (api: ApiUnderTest, input: string) => Promise<string>;

/** Rows whose input is what is sent. */
export const rows = (bullet: string, observe: Observe, given: readonly Row[]): TruthCase[] =>
  given.map(([kind, input, before, after]) => ({
    ...{ bullet, kind, input, before, after },
    observe: async (tools: TruthTools) => observe(await tools.api(), input),
  }));

/** What a preview says of keys of a spec, given as JSON, for the trainer of these cases. */
export const preview: Observe = async (api, input) => {
  await announce(api);
  return said(await api.call("POST", "/sweeps/preview", { body: shown(JSON.parse(input)) }), previewed);
};

/** The same for everything that the built-in trainer announces of itself. */
export const previewBuiltIn: Observe = async (api, input) => {
  builtIn ??= await describeTfjsTrainer();
  await announce(api, { ...builtIn, name: "as built in" });
  const body = { ...shown(JSON.parse(input)), trainer: "as built in" };
  return said(await api.call("POST", "/sweeps/preview", { body }), previewed);
};
let builtIn: TrainerCapabilities | undefined;

const elsewhere = { name: "n", dataset: "d", trainer: "external" };

/** The same of a study whose runs are trained elsewhere; the text is sent as it is. */
export const previewElsewhere: Observe = async (api, input) => {
  const json = `${JSON.stringify(elsewhere).slice(0, -1)}, ${input}}`;
  return said(await sendText(api, "/sweeps/preview", json), previewed);
};

/** The same as YAML. */
export const previewYaml: Observe = async (api, input) => {
  const yaml = `name: n\ndataset: d\ntrainer: external\n${input}`;
  return said(await sendText(api, "/sweeps/preview", yaml, "application/yaml"), previewed);
};

/** The parameters that a run has which is logged with this body. */
export const logged: Observe = async (api, input) => said(await sendText(api, "/runs", input), paramsOf);
