import type { LadderRung } from "@reprise/contracts";
import { expect, it } from "vitest";
import { doubleLadder, joinedState, stateOf } from "./rungs.js";

const rung = (position: number, digest: string, algorithm = "sha256"): LadderRung => ({
  kind: "step",
  position,
  digest,
  algorithm,
});

it("tells equal, different and incomparable rungs, and those of one ladder, apart", () => {
  const rungs = doubleLadder(
    [rung(1, "aa"), rung(2, "bb"), rung(3, "cc"), rung(4, "dd")],
    [rung(1, "aa"), rung(2, "xx"), rung(3, "yy", "rows32")],
  );
  expect(rungs.map(stateOf)).toEqual(["same", "different", "incomparable", "single"]);
  expect(rungs[2]?.incomparable).toContain("SHA-256");
  expect(rungs[2]?.incomparable).toContain("rows32");
});

it("draws what differs before what cannot be compared, and that before what is equal", () => {
  expect(joinedState(["same", "incomparable", "different"])).toBe("different");
  expect(joinedState(["same", "incomparable"])).toBe("incomparable");
  expect(joinedState(["same", "single"])).toBe("same");
});
