import { describe, expect, it } from "vitest";
import { defaultArm } from "./chosen-arms.js";

const modes = { deterministic: { repeats: 5 }, nondeterministic: { repeats: 2 } };
const fixed = { order: "fixed", algorithms: "deterministic", autotune: false, tf32: false } as const;
const free = { ...fixed, order: "free" } as const;

describe("the arm that is meant where nobody names one", () => {
  it("is the one with most executions, and copies of a deterministic run are one", () => {
    const found = [
      { arm: "det", runs: 20, cells: 4 },
      { arm: "free", runs: 8, cells: 4 },
    ];
    expect(defaultArm({ modes }, found)).toBe("free");
  });

  it("is the deterministic one of equals, else the one that is listed first", () => {
    const one = (arm: string) => ({ arm, runs: 4, cells: 4 });
    expect(defaultArm({ modes }, [one("free"), one("det")])).toBe("det");
    const arms = ["b", "a"].map((name) => ({ name, execution: free, repeats: 1 }));
    expect(defaultArm({ arms }, [one("a"), one("b")])).toBe("b");
  });

  it("has runs, and is none where there is no run", () => {
    expect(defaultArm({ modes }, [{ arm: "free", runs: 1, cells: 1 }])).toBe("free");
    expect(defaultArm({ modes }, [{ arm: "det", runs: 0, cells: 0 }])).toBeNull();
    expect(defaultArm({ modes }, [])).toBeNull();
  });
});
