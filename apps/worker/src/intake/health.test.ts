import { describe, expect, test } from "vitest";
import { createHealth, type HealthSign } from "./health.js";

function health(succeeded: Record<string, number> = {}) {
  const judgement = createHealth({ limit: 3, succeededRuns: async (sweepId) => succeeded[sweepId] ?? 0 });
  const actions = async (...signs: Array<[string | null, HealthSign["result"], boolean?]>) => {
    const results: string[] = [];
    for (const [sweepId, result, started = true] of signs) {
      results.push((await judgement.judge({ sweepId, result, started })).action);
    }
    return results;
  };
  return { judgement, actions };
}

describe("when a worker stops trusting itself", () => {
  test("three infrastructure failures in a row, of more than one sweep", async () => {
    const { actions } = health();
    expect(await actions(["a", "infrastructure"], ["b", "infrastructure"], ["a", "infrastructure"])).toEqual([
      "none",
      "none",
      "quarantine",
    ]);
  });

  test("a run that found no room on the disk says nothing of runs, and has the worker wait", async () => {
    const { actions } = health();
    expect(await actions(["a", "no-room"], ["a", "no-room"], ["b", "infrastructure"])).toEqual([
      ...["wait", "wait", "none"],
    ]);
  });

  test("a success or an error of the run in between starts the count again", async () => {
    const { actions } = health();
    const fail = ["a", "infrastructure"] as [string, "infrastructure"];
    const other = ["b", "infrastructure"] as [string, "infrastructure"];
    expect(await actions(fail, other, ["b", "succeeded"], fail, other, ["c", "user"], fail)).toEqual(
      Array(7).fill("none"),
    );
  });

  test("failures of any kind of a sweep that succeeds elsewhere", async () => {
    const { actions } = health({ a: 5 });
    expect(await actions(["a", "user"], ["a", "infrastructure"], ["a", "user"])).toEqual([
      "none",
      "none",
      "quarantine",
    ]);
  });

  test("its own successes are not elsewhere: user errors alone never quarantine", async () => {
    const { actions } = health({ a: 1 });
    expect(await actions(["a", "succeeded"], ["a", "user"], ["a", "user"], ["a", "user"])).toEqual(
      Array(4).fill("none"),
    );
  });

  test("one bad sweep that succeeds nowhere is paused and stops no worker", async () => {
    const { actions } = health();
    const fail = ["a", "infrastructure"] as [string, "infrastructure"];
    expect(await actions(fail, fail, fail, ["b", "succeeded"])).toEqual([
      "none",
      "none",
      "pause-sweep",
      "none",
    ]);
  });

  test("a trainer that cannot even be started speaks against the machine", async () => {
    const { actions } = health();
    const fail = ["a", "infrastructure", false] as [string, "infrastructure", boolean];
    expect(await actions(fail, fail, fail)).toEqual(["none", "none", "quarantine"]);
  });
});
