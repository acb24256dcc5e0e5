import { describe, expect, it } from "vitest";
import type { Verdict } from "./parts.js";
import { verdictRows } from "./verdict-rows.js";

const said = (kind: Verdict["kind"], sentence: string): Verdict => ({
  kind,
  tone: "neutral",
  sentence,
  basis: [],
});
const about = (configuration: string, statement: string): Verdict => ({
  ...said("spread", `${configuration}: ${statement}`),
  about: { configuration, statement },
});
const shape = (verdicts: Verdict[]) =>
  verdictRows(verdicts).map(({ subject, lines }) => [subject, ...lines.map(({ words }) => words)]);

describe("the order of verdicts", () => {
  it("puts bits first, then each configuration under its name, then the rest", () => {
    const identity = said("bit-identical", "All repeat to the bit.");
    expect(
      shape([
        about("adam", "moves"),
        said("one-sample", "Called 3 of 4."),
        identity,
        about("sgd", "stays"),
        about("adam", "flips"),
      ]),
    ).toEqual([
      ["Bit for bit", "All repeat to the bit."],
      ["adam", "moves", "flips"],
      ["sgd", "stays"],
      ["Over all", "Called 3 of 4."],
    ]);
  });

  it("says once what holds for every configuration alike, and once what two analyses say", () => {
    const stays = ["a", "b", "c"].flatMap((name) => [about(name, "stays"), about(name, `value ${name}`)]);
    expect(shape([...stays, said("single-run", "One run."), said("single-run", "One run.")])).toEqual([
      ["All 3 configurations", "stays"],
      ["a", "value a"],
      ["b", "value b"],
      ["c", "value c"],
      ["Over all", "One run."],
    ]);
  });
});
