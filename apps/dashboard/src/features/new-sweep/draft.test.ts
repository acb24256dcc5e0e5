import { describe, expect, it } from "vitest";
import { draftOf } from "./draft.js";

describe("a document in the making", () => {
  it("keeps a range whose ends are the wrong way round for a moment", () => {
    const parameters = { learningRate: { min: 0.5, max: 0.1, scale: "log" }, optimizer: ["adam"] };
    expect(draftOf({ search: { method: "grid", parameters } }).search).toMatchObject({ parameters });
    expect(draftOf({ search: { method: "random", parameters, samples: 0 } }).search).toMatchObject({
      method: "random",
      parameters,
    });
  });

  it("reads seeds however they are written", () => {
    expect(draftOf({ seeds: "0-2" }).seeds).toEqual([0, 1, 2]);
    expect(draftOf({ seeds: [3, -1] }).seeds).toEqual([3, -1]);
  });
});
