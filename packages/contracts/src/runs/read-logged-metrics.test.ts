import { describe, expect, it } from "vitest";
import { parseWith } from "../basics/validation.js";
import { loggedMetrics } from "./logged-runs.js";
import { parseLoggedMetrics } from "./read-logged-metrics.js";

const loss = { steps: [1, 2], values: [0.5, "NaN"], wallTimes: [0, 1.5] };
const { wallTimes: _, ...untimed } = loss;

describe("reports are read as the schema reads them", () => {
  it.each<[string, unknown]>([
    ["histories", { series: { loss, "val/acc": untimed } }],
    ["histories beside a step", { series: { loss }, step: 3, metrics: { accuracy: 1 } }],
    ["no histories", { step: 3, metrics: { accuracy: 1 } }],
    ["a name in another normal form", { series: { "e\u0301": loss } }],
    ["a name with a control", { series: { "a\u0000b": loss } }],
    ["a list for an object", { series: [loss] }],
    ["nothing", undefined],
    ["a list", [{ series: { loss } }]],
    ["an unknown field of a history", { series: { loss: { ...loss, times: [1, 2] } } }],
    ["an unknown field in the place of times", { series: { loss: { ...untimed, times: [1, 2] } } }],
    ["an unknown field of the report", { series: { loss }, serie: {} }],
    ["an empty history", { series: { loss: { steps: [], values: [] } } }],
    ["lists of different lengths", { series: { loss: { ...loss, values: [1] } } }],
    ["times of another length", { series: { loss: { ...loss, wallTimes: [1] } } }],
    ["times that are null", { series: { loss: { ...loss, wallTimes: null } } }],
    ["a step below 0", { series: { loss: { ...untimed, steps: [-1, 2] } } }],
    ["a step that is not a whole number", { series: { loss: { ...untimed, steps: [0.5, 2] } } }],
    ["a step that the database cannot hold", { series: { loss: { ...untimed, steps: [1, 2 ** 31] } } }],
    ["a value of another name", { series: { loss: { ...untimed, values: [1, "nan"] } } }],
    [
      "a value beyond all numbers",
      { series: { loss: { ...untimed, values: [1, Number.POSITIVE_INFINITY] } } },
    ],
    ["a value that is null", { series: { loss: { ...untimed, values: [1, null] } } }],
    ["a time before the start", { series: { loss: { ...loss, wallTimes: [-1, 0] } } }],
    ["metrics without a step beside histories", { series: { loss }, metrics: { accuracy: 1 } }],
  ])("%s", (_name, body) => {
    expect(parseLoggedMetrics(body)).toEqual(parseWith(loggedMetrics, body));
  });
});
