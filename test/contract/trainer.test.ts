import { decodeNumber, type TrainerEvent } from "@reprise/contracts";
import { examine, execute, findOf, requestOf, trainerChecks } from "@reprise/trainers";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { torchMissing } from "../support/python.js";
import { warmPython } from "../support/warm-python.js";
import { type Examined, examinedTrainers } from "./trainers/battery.js";

// One battery for every trainer there is: what a worker relies on holds for the built-in one and for any command alike. Its
// checks are those of `reprise trainer check`.

// Those with PyTorch are started twenty times, each time with its import. As a worker starts them, with what is observed then, they are
// in torch-classification.test.ts and, as a template, in worker-templates.test.ts.
const warm = torchMissing() === null ? await warmPython() : null;
afterAll(() => warm?.close());
const everyTrainer = (await examinedTrainers(warm?.path)).map((candidate) => ({
  ...candidate,
  examination: examine(candidate),
}));
type Speaking = (typeof everyTrainer)[number] & { speaks: NonNullable<Examined["speaks"]> };
const speaking = everyTrainer.filter((candidate): candidate is Speaking => candidate.speaks !== null);

describe.each(everyTrainer)("trainer $command.name", (candidate) => {
  beforeEach(({ skip }) => {
    if (candidate.missing) skip(candidate.missing);
  });

  const { examination } = candidate;
  test.each(trainerChecks.map((check) => [check.title, check] as const))("%s", async (_, check) => {
    const { holds, detail } = await findOf(check, examination);
    const isLacking = candidate.lacks.includes(check.title);
    expect(holds === true, detail).toBe(!isLacking);
    if (check.isMandatory) expect(holds).not.toBe(false);
  });
});

describe.each(speaking)("trainer $command.name, which speaks the protocol itself", (candidate) => {
  const { examination } = candidate;
  const types = (events: readonly TrainerEvent[]) => events.map((event) => event.type);
  beforeEach(({ skip }) => {
    if (candidate.missing) skip(candidate.missing);
  });

  test("tells rungs of its ladder, progress and environment", async () => {
    const { events } = await examination.run("first");
    expect(types(events)).toEqual(
      expect.arrayContaining(["environment", "digest", "predictions", "progress"]),
    );
    const rungs = events.filter((event) => event.type === "digest").map((event) => event.kind);
    expect(rungs).toEqual(expect.arrayContaining(["initialWeights", "epoch", "finalWeights"]));
  });

  test("steps of a per-epoch metric count from 1, each once", async () => {
    const { events } = await examination.run("first");
    const steps = events.flatMap((event) =>
      event.type === "metric" && event.key === "trainLoss" ? event.steps : [],
    );
    expect(steps).toEqual([1, 2, 3]);
  });

  test("predictions name every held-out case once, with one score per class", async () => {
    const { events } = await examination.run("first");
    const { datasets } = await examination.capabilities();
    const classes = datasets.find((dataset) => dataset.name === candidate.dataset)?.classes.length;
    const predictions = events.filter((event) => event.type === "predictions");
    expect(predictions.map((event) => event.split).sort()).toEqual(["test", "validation"]);
    const ids = predictions.flatMap((event) => event.ids);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { scores } of predictions) {
      expect(new Set(scores.map((row) => row.length))).toEqual(new Set([classes]));
    }
  });

  test("metrics that are not numbers arrive as such, and the run goes on", async () => {
    const { outcome, events } = await execute(
      candidate,
      await requestOf(candidate, { parameters: candidate.speaks.diverging }),
    );
    expect(outcome.status).toBe("succeeded");
    const losses = events.flatMap((event) =>
      event.type === "metric" && event.key === "trainLoss" ? event.values.map(decodeNumber) : [],
    );
    expect(losses.some((value) => !Number.isFinite(value))).toBe(true);
  });

  test("killed by SIGKILL is a failure of the infrastructure", async () => {
    let killed = false;
    const { outcome } = await execute(candidate, await requestOf(candidate, { parameters: candidate.long }), {
      onEvent: (event, pid) => {
        // What it had written before may still be told of afterwards.
        if (event.type !== "metric" || killed) return;
        killed = true;
        process.kill(pid, "SIGKILL");
      },
    });
    expect(outcome).toMatchObject({ status: "failed", kind: "infrastructure" });
  });
});

describe.each(speaking.filter((candidate) => candidate.speaks.misbehaves))(
  "trainer $command.name misbehaving",
  (candidate) => {
    beforeEach(({ skip }) => {
      if (candidate.missing) skip(candidate.missing);
    });
    const withFault = async (fault: string, more = {}) =>
      requestOf(candidate, { parameters: { ...candidate.short, fault, ...more } });

    test("prints do not disturb events, not even prints that look like them", async () => {
      const request = await requestOf(candidate, { parameters: candidate.speaks.printing ?? {} });
      const { outcome, logs } = await execute(candidate, request);
      expect(outcome.status).toBe("succeeded");
      expect(logs.filter((log) => log.stream === "stdout")).toHaveLength(2);
      expect(logs.filter((log) => log.stream === "stderr")).toHaveLength(2);
    });

    test("a print on the event pipe fails the run and is shown", async () => {
      const { outcome } = await execute(candidate, await withFault("garbage"));
      expect(outcome).toMatchObject({ status: "failed", kind: "user" });
      expect(outcome.status === "failed" && outcome.message).toContain("Epoch 1/3");
    });

    test("exit code 1 without an error event is the run's fault, with the last lines of stderr", async () => {
      const { outcome } = await execute(candidate, await withFault("exit"));
      expect(outcome).toMatchObject({
        status: "failed",
        kind: "user",
        message: "ValueError: something is wrong with the data",
        lastLines: expect.arrayContaining(["ValueError: something is wrong with the data"]),
      });
    });

    test("events of a later protocol are logged and not fatal", async () => {
      const { outcome, logs } = await execute(candidate, await withFault("unknown-event"));
      expect(outcome.status).toBe("succeeded");
      expect(logs.map((log) => log.text).join()).toContain("horoscope");
    });

    test("an effective value other than the requested one is an error in plain sight", async () => {
      const { outcome } = await execute(candidate, await withFault("other-value", { learningRate: 0.5 }));
      expect(outcome).toMatchObject({
        status: "failed",
        kind: "user",
        message: expect.stringContaining("learningRate: requested 0.5, used 0.25"),
      });
    });

    test("one that ignores SIGTERM is killed when the grace is over", async () => {
      const controller = new AbortController();
      const request = await withFault("ignore-sigterm", candidate.long);
      const { outcome, pid } = await execute(candidate, request, {
        signal: controller.signal,
        graceMs: 200,
        onEvent: (event) => {
          if (event.type === "metric") controller.abort("cancel");
        },
      });
      expect(outcome).toEqual({ status: "cancelled", reason: "cancel" });
      expect(() => process.kill(pid, 0)).toThrow();
    });
  },
);
