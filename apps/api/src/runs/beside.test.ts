import { expect, test, vi } from "vitest";
import { createLogger } from "../logger.js";
import { goesOnBeside, type InHand } from "./beside.js";

test("one round at a time, which says of itself when it lasts, and is done again when it failed", async () => {
  const log = createLogger("silent");
  const [warned, failed] = [vi.spyOn(log, "warn"), vi.spyOn(log, "error")];
  const inHand: InHand = new Map();
  const failures: number[] = [];
  let begun = 0;
  let end: (how: "well" | "badly") => void = () => {};
  const beside = goesOnBeside(
    "recovery",
    () => {
      begun += 1;
      return new Promise<void>((resolve, reject) => {
        end = (how) => (how === "well" ? resolve() : reject(new Error("held")));
      });
    },
    {
      ...{ undone: "lost runs wait", everyMs: 0, longMs: 20, inHand, log },
      onFailure: () => failures.push(begun),
    },
  );
  beside.take();
  beside.take();
  expect(begun).toBe(1);
  expect([...inHand]).toEqual([["recovery", { since: expect.any(Number), undone: "lost runs wait" }]]);
  await vi.waitFor(() =>
    expect(warned.mock.calls).toEqual([["recovery has not ended for 0.02 seconds: lost runs wait"]]),
  );
  const settled = beside.settled();
  end("badly");
  await settled;
  expect(inHand.size).toBe(0);
  for (const how of ["badly", "well", "badly"] as const) {
    beside.take();
    end(how);
    await beside.settled();
  }
  expect(begun).toBe(4);
  expect(failures).toEqual([1, 2, 4]);
  // Once in a row: what is away is missed by every part, again and again.
  expect(failed).toHaveBeenCalledTimes(2);
});

test("rounds begin at most so often", async () => {
  let begun = 0;
  const beside = goesOnBeside(
    "removal",
    async () => {
      begun += 1;
    },
    {
      ...{ undone: "old events are kept", everyMs: 60_000, longMs: 1_000, inHand: new Map() },
      ...{ log: createLogger("silent"), onFailure: () => {} },
    },
  );
  beside.take();
  await beside.settled();
  beside.take();
  await beside.settled();
  expect(begun).toBe(1);
});
