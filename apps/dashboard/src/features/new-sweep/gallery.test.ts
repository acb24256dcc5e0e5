import type { Preset } from "@reprise/contracts";
import { expect, it } from "vitest";
import { firstSentence, isSmall, lacking, shelvesOf } from "./gallery.js";

const preset = (name: string, more: Partial<Preset> = {}): Preset => ({
  ...{
    name,
    title: name,
    description: "",
    parts: [],
    proof: null,
    runCount: 1,
    source: null,
    deviations: [],
  },
  spec: { dataset: "digits", trainer: "tfjs", tags: [] },
  ...more,
});
const laptop = { dataset: "wdbc", trainer: "tfjs", tags: ["laptop"] };
const presets = [
  preset("paper/big", { spec: { dataset: "cifar10", trainer: "openclip", tags: [] } }),
  preset("paper/small", { parts: ["paper/a", "paper/b"], spec: null }),
  preset("paper/a", { spec: laptop }),
  preset("paper/b", { spec: laptop }),
  preset("another", { spec: laptop }),
  preset("quickstart", { spec: { ...laptop, tags: ["quickstart"] } }),
];
const named = (name: string) => presets.find((one) => one.name === name) ?? preset(name);

it("has a shelf for each published study, the quickstart and small studies first, without their parts", () => {
  expect(shelvesOf(presets).map(({ family, presets: own }) => [family, own.map(({ name }) => name)])).toEqual(
    [
      ["", ["quickstart", "another"]],
      ["paper", ["paper/small", "paper/big"]],
    ],
  );
  expect(isSmall(named("paper/small"), presets)).toBe(true);
  expect(isSmall(named("paper/big"), presets)).toBe(false);
});

it("names what no worker has, over all parts", () => {
  expect(lacking(named("paper/big"), presets, [], [])).toEqual(["trainer openclip", "data set cifar10"]);
  expect(lacking(named("paper/small"), presets, [], [])).toEqual(["trainer tfjs", "data set wdbc"]);
});

it("takes the first sentence, points within it notwithstanding", () => {
  expect(firstSentence("At 0.5 of e.g. width. Then more.")).toBe("At 0.5 of e.g. width.");
  expect(firstSentence("Only one")).toBe("Only one");
});
