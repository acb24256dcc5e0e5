import { describe, expect, it } from "vitest";
import { eachOnce, errorsStill } from "./judged-errors.js";

const error = (path: string, message = "is wrong") => ({ path, message });

describe("mistakes of a former text", () => {
  it("stay where nothing has changed since, and nowhere else", () => {
    const former = { name: "", base: { epochs: 0 }, seeds: [1, 1] };
    const now = { ...former, name: "a", seeds: [1, 2] };
    const errors = ["name", "base.epochs", "seeds", "dataset", ""].map((path) => error(path));
    expect(errorsStill(errors, former, now).map(({ path }) => path)).toEqual(["base.epochs", "dataset"]);
  });

  it("are told once", () => {
    const all = [error("a"), error("b"), error("a"), error("a", "is wrong in another way")];
    expect(eachOnce(all)).toEqual([all[0], all[1], all[3]]);
  });
});
