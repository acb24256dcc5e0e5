import { sweep } from "@reprise/contracts";
import { curveOf, send, summaryOf } from "./logged-study.js";
import type { TruthCase } from "./truth-case.js";
import { analysisOf, compareAB, declare, groupedStudy, groupsOf } from "./unit-studies.js";
import { boundedCases } from "./units-bounded.js";

const declared = "Units are declared and checked, never guessed from a name";
const mixed = "A study that mixes scales is not compared but told why and how to declare it";
const guessed = "A guess is labelled a guess, and values outside the range drop it";

const percents = { a: [91.2, 91.7, 90.9, 91.4], b: [90.1, 90.4, 89.9, 90.2] };
const bothScales = { a: [91.2, 91.7, 90.9, 91.4], b: [0.901, 0.904, 0.899, 0.902] };
const accuracy = "validationAccuracy";

const direction = (sentence: string) => sentence.replace(/^.*?differs by /, "").replace(/ \(.*$/, "");

/** Units and ranges of metrics. */
export const cases: TruthCase[] = [
  {
    bullet: guessed,
    kind: "comparison of two groups",
    input: "validationAccuracy logged as 91.2 and so on, nothing declared",
    before: "+115 [94, 136] pp",
    after: "+1.15 [0.94, 1.36]",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, accuracy, percents);
      return direction((await compareAB(api, accuracy, id)).sentence);
    },
  },
  {
    bullet: mixed,
    kind: "comparison of two groups",
    input: "one logged as 91.2, the other as 0.901",
    before: "+9040 [8987, 9093] pp",
    after:
      "no difference, p null: a against b: Validation accuracy is not compared: its values are on different scales. 4 runs lie between 0 and 1 (0.899 to 0.904), 4 above (90.9 to 91.7), as fractions and percentages do, and nothing declares its unit.",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, accuracy, bothScales);
      const { difference, p, sentence } = await compareAB(api, accuracy, id);
      return difference === null ? `no difference, p ${p}: ${sentence}` : direction(sentence);
    },
  },
  {
    bullet: mixed,
    kind: "first sentence of a study",
    input: "three runs of one configuration and seed: 0.912, 91.4 and 90.9",
    before:
      "2 configurations were trained once at each of 2 seeds: this shows how far seeds scatter, but not whether an execution repeats.",
    after:
      "Test accuracy is not compared: its values are on different scales. 1 run lies between 0 and 1 (0.912), 2 above (90.9 to 91.4), as fractions and percentages do, and nothing declares its unit.",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, "testAccuracy", { a: [0.912], b: [91.4, 90.9] });
      return (await analysisOf(api, id, "determinism", "testAccuracy")).headline?.sentence ?? "";
    },
  },
  {
    bullet: mixed,
    kind: "run groups",
    input: "the same runs, grouped by nothing",
    before: "mean 46.100750000000005; no word of it",
    after:
      "mean null; Validation accuracy is not compared: its values are on different scales. 4 runs lie between 0 and 1 (0.899 to 0.904), 4 above (90.9 to 91.7), as fractions and percentages do, and nothing declares its unit.",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, accuracy, bothScales);
      const { groups, refusal } = await groupsOf(api, `sweepId=${id}&metric=${accuracy}`);
      return `mean ${groups[0]?.mean}; ${refusal?.replace(/ Within 0 and 1: .*/s, "") ?? "no word of it"}`;
    },
  },
  {
    bullet: mixed,
    kind: "comparison across studies",
    input: "one study declares percent, the other fraction",
    before:
      "Chosen after seeing results: a against b: mean score differs by +90.32 [89.44, 91.21] (3 seeds, paired; adjusted p < 0.001), for these models, data and environments.",
    after:
      "a against b: score is not compared: the studies use different units (percent in units; fraction in units).",
    observe: async (tools) => {
      const api = await tools.api();
      const of = (unit: string) => ({ metrics: { score: { unit } } });
      const supported = await api.call("POST", "/sweeps/preview", {
        body: {
          name: "x",
          trainer: "external",
          dataset: "y",
          search: { method: "external" },
          ...of("percent"),
        },
      });
      const known = !supported.text.includes("unknown");
      const a = await groupedStudy(api, "score", { a: [91.2, 91.6, 90.9] }, known ? of("percent") : {});
      const b = await groupedStudy(api, "score", { b: [0.9, 0.91, 0.92] }, known ? of("fraction") : {});
      return (await compareAB(api, "score", a, b)).sentence;
    },
  },
  {
    bullet: declared,
    kind: "declared in the document of a study",
    input: "metrics: { validationAccuracy: { unit: percent } }, values 91.2 against 90.1",
    before: "the document is refused",
    after: "+1.15 [0.94, 1.36] pp, known by study",
    observe: async (tools) => {
      const api = await tools.api();
      const metrics = { [accuracy]: { unit: "percent" } };
      const document = { name: "units", trainer: "external", dataset: "x", search: { method: "external" } };
      const answer = await api.call("POST", "/sweeps", { body: { ...document, metrics } });
      if (answer.status !== 201) return "the document is refused";
      const id = await groupedStudy(api, accuracy, percents, { metrics });
      const { provenance } = await analysisOf(api, id, "configurations", accuracy);
      const { sentence } = await compareAB(api, accuracy, id);
      return `${direction(sentence)}, known by ${provenance.metricKnown?.unit}`;
    },
  },
  {
    bullet: declared,
    kind: "declared for a study that is there",
    input: "PATCH /sweeps/{id} with metrics: { validationAccuracy: { unit: percent } }",
    before: "the request is refused",
    after: "+1.15 [0.94, 1.36] pp, known by afterwards; digest of the document unchanged",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, accuracy, percents);
      const { specDigest } = await api.get(`/sweeps/${id}`, sweep.loose());
      const answer = await declare(api, id, { [accuracy]: { unit: "percent" } });
      if (answer.status !== 200) return "the request is refused";
      const { provenance } = await analysisOf(api, id, "configurations", accuracy);
      const { sentence } = await compareAB(api, accuracy, id);
      const same = sweep.parse(answer.json).specDigest === specDigest ? "unchanged" : "changed";
      return `${direction(sentence)}, known by ${provenance.metricKnown?.unit}; digest of the document ${same}`;
    },
  },
  {
    bullet: declared,
    kind: "declared with the first logged run",
    input: 'POST /runs with metrics: { "val/acc": { unit: percent, direction: maximize } }',
    before: "the request is refused",
    after: "best 91.4 at step 2",
    observe: async (tools) => {
      const api = await tools.api();
      const body = { name: "units", metrics: { "val/acc": { unit: "percent", direction: "maximize" } } };
      const answer = await api.call("POST", "/runs", { body });
      if (answer.status >= 300) return "the request is refused";
      const { id } = JSON.parse(answer.text);
      const series = { "val/acc": { steps: [1, 2, 3], values: [88, 91.4, 91.2] } };
      await send(api, `/runs/${id}/metrics`, { series });
      const { best, bestStep } = await summaryOf(api, id, "val/acc");
      return `best ${best} at step ${bestStep}`;
    },
  },
  {
    bullet: declared,
    kind: "direction declared afterwards",
    input: "val_bleu logged as 30, 34, 33; then declared as one to maximize",
    before: "the request is refused",
    after: "best null, then best 34 at step 2",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, "val_bleu", { a: [[30, 34, 33]] });
      const { items } = JSON.parse((await api.call("GET", `/runs?sweepId=${id}`)).text);
      const best = async () => {
        const summary = await summaryOf(api, items[0].id, "val_bleu");
        return summary.best === null ? "best null" : `best ${summary.best} at step ${summary.bestStep}`;
      };
      const before = await best();
      const answer = await declare(api, id, { val_bleu: { direction: "maximize" } });
      return answer.status === 200 ? `${before}, then ${await best()}` : "the request is refused";
    },
  },
  {
    bullet: declared,
    kind: "declared range that values violate",
    input: "score declared as percent, one run at 103.2",
    before: "the document is refused",
    after:
      "score is declared as percent between 0 and 100 by the study, and 1 of 4 runs has values outside: 103.2 in a, seed 1, free, repeat 0.",
    observe: async (tools) => {
      const api = await tools.api();
      const metrics = { score: { unit: "percent" } };
      const document = { name: "units", trainer: "external", dataset: "x", search: { method: "external" } };
      const answer = await api.call("POST", "/sweeps", { body: { ...document, metrics } });
      if (answer.status !== 201) return "the document is refused";
      const id = await groupedStudy(api, "score", { a: [91.2, 103.2], b: [90, 91] }, { metrics });
      return (await analysisOf(api, id, "extremes", "score")).verdicts[0]?.sentence ?? "no word of it";
    },
  },
  {
    bullet: guessed,
    kind: "notes of an analysis",
    input: "test_accuracy logged as 0.91, nothing declared",
    before: "unit fraction; no word of a guess",
    after:
      'unit fraction; Unit (a fraction, shown in percent) and direction (larger is better) of test accuracy are guessed from its name; the study can declare them under "metrics".',
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, "testAccuracy", { a: [0.91, 0.92], b: [0.93, 0.94] });
      const { notes, provenance } = await analysisOf(api, id, "extremes", "testAccuracy");
      return `unit ${provenance.metricUnit}; ${notes.find((note) => note.includes("guessed")) ?? "no word of a guess"}`;
    },
  },
  {
    bullet: guessed,
    kind: "AUC logged in percent",
    input: "testAuc 97.1, 97.4 and so on",
    before:
      "Over 3 runs test AUC lies between 9680% and 9740%; the best is a, seed 1, free, repeat 0, the worst a, seed 2, free, repeat 0.",
    after:
      "Over 3 runs test AUC lies between 96.80 and 97.40; the best is a, seed 1, free, repeat 0, the worst a, seed 2, free, repeat 0.",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, "testAuc", { a: [97.1, 97.4, 96.8] });
      return (await analysisOf(api, id, "extremes", "testAuc")).verdicts[0]?.sentence ?? "";
    },
  },
  {
    bullet: guessed,
    kind: "loss below 0",
    input: "trainLoss −1.2 and −0.8 (a log-density)",
    before: 'unit "nats"; no word of it',
    after:
      'unit ""; Both runs have values of train loss outside 0 or more (−1.2 to −0.8), so it is not a quantity in nats as its name suggests: it is shown as plain numbers, and its unit and range are unknown. If that is wrong, declare metrics: { "trainLoss": { unit: nats, range: { low: null, high: null } } } in the document of the study, or with PATCH /sweeps/{id} if the study already exists. A unit is fraction, percent or any short word.',
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, "trainLoss", { a: [-1.2, -0.8] });
      const { provenance, notes } = await analysisOf(api, id, "extremes", "trainLoss");
      return `unit ${JSON.stringify(provenance.metricUnit)}; ${notes.find((note) => note.includes("suggests")) ?? "no word of it"}`;
    },
  },
  {
    bullet: guessed,
    kind: "one run on two scales",
    input: "validationAccuracy 0.8, 0.85, then 86 and 87 in the same run",
    before: "no word of it",
    after:
      "In it the history also has values between 0 and 1 (0.8 to 87 in a, seed 0, free, repeat 0): a percentage that began low, or a run that changed its scale.",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, accuracy, { a: [[0.8, 0.85, 86, 87]] });
      const { notes } = await analysisOf(api, id, "curves", accuracy);
      return (
        notes.flatMap((note) => /In it the history .*scale\./.exec(note)?.[0] ?? [])[0] ?? "no word of it"
      );
    },
  },
  {
    bullet: guessed,
    kind: "objective of a study",
    input: '"acc/test" as objective, and "testosterone"',
    before: "acc/test: taken; testosterone: refused",
    after: "acc/test: refused; testosterone: taken",
    observe: async (tools) => {
      const api = await tools.api();
      const taken = async (metric: string) => {
        const objective = { metric, direction: "maximize" };
        const body = {
          name: "units",
          trainer: "external",
          dataset: "x",
          search: { method: "external" },
          objective,
        };
        const { status } = await api.call("POST", "/sweeps", { body });
        return `${metric}: ${status === 201 ? "taken" : "refused"}`;
      };
      return [await taken("acc/test"), await taken("testosterone")].join("; ");
    },
  },
  {
    bullet: guessed,
    kind: "best value of a metric of validation data",
    input: "val_loss 0.9, 0.4, 0.5",
    before: "best null",
    after: "best 0.4 at step 2",
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, "val_loss", { a: [[0.9, 0.4, 0.5]] });
      const { items } = JSON.parse((await api.call("GET", `/runs?sweepId=${id}`)).text);
      const { best, bestStep } = await summaryOf(api, items[0].id, "val_loss");
      return best === null ? "best null" : `best ${best} at step ${bestStep}`;
    },
  },
  {
    bullet: guessed,
    kind: "curve of a percentage",
    input: "validationAccuracy 85 to 91 in three runs",
    before: "shown as a fraction: 8,833 %",
    after:
      'All 3 runs have values of validation accuracy outside 0 to 1 (84 to 91), so it is not a fraction as its name suggests: it is shown as plain numbers, and its unit and range are unknown. If that is wrong, declare metrics: { "validationAccuracy": { unit: percent } } in the document of the study, or with PATCH /sweeps/{id} if the study already exists. A unit is fraction, percent or any short word.',
    observe: async (tools) => {
      const api = await tools.api();
      const id = await groupedStudy(api, accuracy, {
        a: [
          [85, 90],
          [86, 91],
          [84, 90],
        ],
      });
      const { notes } = await curveOf(api, id, accuracy);
      return notes.find((note) => note.includes("plain numbers")) ?? "shown as a fraction: 8,833 %";
    },
  },
  ...boundedCases,
];
