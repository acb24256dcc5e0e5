import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { decodeNumber, type TrainerEvent } from "@reprise/contracts";
import { describeTrainer, trainerEnvironment } from "@reprise/trainers";
import { describe, expect, test } from "vitest";
import { torchMissing } from "../support/python.js";
import { candidates, execute, findPython, requestOf } from "./trainers/battery.js";

// One battery for every trainer there is: what a worker relies on holds for the built-in one and for any command alike.

const everyTrainer = await candidates();

/** Calls `make` at the first call only. */
function madeOnce<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

test("the battery covers the built-in trainer, JavaScript, and Python and PyTorch where they are installed", () => {
  const expected = [
    ...["tfjs", "tiny"],
    ...(findPython() ? ["tiny-python"] : []),
    ...(torchMissing() ? [] : ["torch-classification"]),
  ];
  expect(everyTrainer.map((candidate) => candidate.command.name)).toEqual(expected);
});

describe.each(everyTrainer)("trainer $command.name", (candidate) => {
  const types = (events: readonly TrainerEvent[]) => events.map((event) => event.type);
  // What several tests look at is trained once: starting a trainer is most of its time.
  const capabilitiesOf = madeOnce(() => describeTrainer(candidate.command));
  const shortRun = madeOnce(async () => execute(candidate, await requestOf(candidate)));

  test("describes what it takes, measures and knows", async () => {
    const capabilities = await capabilitiesOf();
    expect(capabilities.name).toBe(candidate.command.name);
    expect(Object.keys(capabilities.hyperparameters)).toEqual(
      expect.arrayContaining(Object.keys(candidate.short)),
    );
    expect(capabilities.datasets.map((dataset) => dataset.name)).toContain(candidate.dataset);
    expect(capabilities.metrics.length).toBeGreaterThan(0);
  });

  test("a run: hello first, then what it measured, done last", async () => {
    const { outcome, events } = await shortRun();
    expect(outcome).toMatchObject({
      status: "succeeded",
      done: { digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    const order = types(events);
    expect(order[0]).toBe("hello");
    expect(order.at(-1)).toBe("done");
    expect(order).toEqual(
      expect.arrayContaining(["environment", "metric", "digest", "predictions", "progress"]),
    );

    const announced = new Set((await capabilitiesOf()).metrics.map((metric) => metric.key));
    for (const event of events) {
      if (event.type === "metric") expect(announced).toContain(event.key);
    }
    const rungs = events.filter((event) => event.type === "digest").map((event) => event.kind);
    expect(rungs).toEqual(expect.arrayContaining(["initialWeights", "epoch", "finalWeights"]));
    const final = events.find((event) => event.type === "digest" && event.kind === "finalWeights");
    expect(final).toMatchObject({ digests: [outcome.status === "succeeded" ? outcome.done.digest : null] });
  });

  test("steps of a per-epoch metric count from 1, each once", async () => {
    const { events } = await shortRun();
    const steps = events.flatMap((event) =>
      event.type === "metric" && event.key === "trainLoss" ? event.steps : [],
    );
    expect(steps).toEqual([1, 2, 3]);
  });

  test("predictions name every held-out case once, with one score per class", async () => {
    const { events } = await shortRun();
    const { datasets } = await capabilitiesOf();
    const classes = datasets.find((dataset) => dataset.name === candidate.dataset)?.classes.length;
    const predictions = events.filter((event) => event.type === "predictions");
    expect(predictions.map((event) => event.split).sort()).toEqual(["test", "validation"]);
    const ids = predictions.flatMap((event) => event.ids);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { scores } of predictions) {
      expect(new Set(scores.map((row) => row.length))).toEqual(new Set([classes]));
    }
  });

  test("the same request gives the same digests, another seed other ones", async () => {
    const digestOf = async (seed: number) => {
      const { outcome } = await execute(candidate, await requestOf(candidate, { seed }));
      return outcome.status === "succeeded" ? outcome.done.digest : outcome;
    };
    const { outcome } = await shortRun();
    const first = outcome.status === "succeeded" ? outcome.done.digest : outcome;
    expect(await digestOf(0)).toBe(first);
    expect(await digestOf(1)).not.toBe(first);
  });

  test("every requested value is the one in the effective configuration", async () => {
    const { events } = await shortRun();
    expect(events[0]).toMatchObject({ type: "hello", effectiveParameters: candidate.short });
  });

  test("an unknown hyperparameter is refused by name", async () => {
    const parameters = { ...candidate.short, wieght_decay: 0.1 };
    const { outcome } = await execute(candidate, await requestOf(candidate, { parameters }));
    expect(outcome).toMatchObject({
      status: "failed",
      kind: "user",
      message: expect.stringContaining("wieght_decay"),
    });
  });

  test("metrics that are no numbers arrive as such, and the run goes on", async () => {
    const { outcome, events } = await execute(
      candidate,
      await requestOf(candidate, { parameters: candidate.diverging }),
    );
    expect(outcome.status).toBe("succeeded");
    const losses = events.flatMap((event) =>
      event.type === "metric" && event.key === "trainLoss" ? event.values.map(decodeNumber) : [],
    );
    expect(losses.some((value) => !Number.isFinite(value))).toBe(true);
  });

  test("cancel: SIGTERM ends it well before the grace is over", async () => {
    const controller = new AbortController();
    const { outcome, pid } = await execute(
      candidate,
      await requestOf(candidate, { parameters: candidate.long }),
      {
        signal: controller.signal,
        graceMs: 60_000,
        onEvent: (event) => {
          if (event.type === "metric") controller.abort("cancel");
        },
      },
    );
    expect(outcome).toEqual({ status: "cancelled", reason: "cancel" });
    expect(() => process.kill(pid, 0)).toThrow();
  });

  test("ends by itself when its worker is gone and stdin closes", async () => {
    const request = await requestOf(candidate, { parameters: candidate.long });
    const child: ChildProcess = spawn(candidate.command.command, candidate.command.args, {
      stdio: ["pipe", "ignore", "ignore", "pipe"],
      env: trainerEnvironment({ base: process.env, own: candidate.command.env, run: request }),
    });
    const events = child.stdio[3];
    child.stdin?.write(`${JSON.stringify(request)}\n`);
    if (events) await once(events, "data");
    events?.on("data", () => {});
    child.stdin?.end();
    const [code, signal] = await once(child, "exit");
    expect(signal).toBeNull();
    expect(code).not.toBe(0);
  });

  test("killed by SIGKILL is a failure of the infrastructure", async () => {
    const { outcome } = await execute(candidate, await requestOf(candidate, { parameters: candidate.long }), {
      onEvent: (event, pid) => {
        if (event.type === "metric") process.kill(pid, "SIGKILL");
      },
    });
    expect(outcome).toMatchObject({ status: "failed", kind: "infrastructure" });
  });
});

describe.each(everyTrainer.filter((candidate) => candidate.misbehaves))(
  "trainer $command.name misbehaving",
  (candidate) => {
    const withFault = async (fault: string, more = {}) =>
      requestOf(candidate, { parameters: { ...candidate.short, fault, ...more } });

    test("prints do not disturb events, not even prints that look like them", async () => {
      const request = await requestOf(candidate, { parameters: candidate.printing ?? {} });
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
