import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { loadDataset } from "../../data/datasets.js";
import { attributesOf, measure } from "./attributes.js";
import { digitPairs } from "./digit-pairs.js";
import type { ImageTextPairs } from "./pairs.js";

const bundled = fileURLToPath(new URL("../../../datasets", import.meta.url));
const words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/** A stroke of three by three pixels a row, whose column depends on the row. */
function stroke(columnOf: (row: number) => number, grey = 16): Uint8Array {
  const picture = new Uint8Array(64);
  for (let row = 1; row < 7; row++) picture[row * 8 + columnOf(row)] = grey;
  return picture;
}

describe("what captions say of a digit is measured on it", () => {
  it("ink, lean and extent", () => {
    const upright = measure(
      stroke(() => 3),
      8,
    );
    const backslash = measure(
      stroke((row) => row),
      8,
    );
    const slash = measure(
      stroke((row) => 7 - row),
      8,
    );
    expect([upright.slant, backslash.slant, slash.slant]).toEqual(
      [0, 1, -1].map((x) => expect.closeTo(x, 12)),
    );
    expect(
      measure(
        stroke(() => 3, 8),
        8,
      ).ink,
    ).toBe(upright.ink / 2);
    expect(backslash.extent).toBeGreaterThan(upright.extent);
    const bounds = { ink: 60, slant: [-0.1, 0.1] as [number, number], extent: 2 };
    expect(attributesOf(backslash, bounds)).toEqual({
      thickness: "thick",
      slant: "leaning left",
      size: "large",
    });
    expect(
      attributesOf(
        measure(
          stroke((row) => 7 - row, 8),
          8,
        ),
        bounds,
      ),
    ).toMatchObject({
      thickness: "thin",
      slant: "leaning right",
    });
  });
});

describe("the bundled digits as pairs", () => {
  let pairs: ImageTextPairs;
  let labels: Int32Array;
  const train = Int32Array.from({ length: 600 }, (_, id) => id);
  beforeAll(async () => {
    const dataset = await loadDataset("digits", { bundled, root: null, cache: null });
    const { features } = dataset;
    if (features instanceof Float32Array) throw new Error("digits are pictures");
    labels = dataset.labels;
    pairs = digitPairs({ ...dataset, features }, train);
  });
  const question = (name: string) => {
    const found = pairs.questions.find((one) => one.name === name);
    if (!found) throw new Error(name);
    return found;
  };

  it("have four captions each, which name the digit and how it is drawn", () => {
    expect(pairs.captions).toHaveLength(1797);
    for (const [id, captions] of pairs.captions.entries()) {
      expect(captions).toHaveLength(4);
      for (const caption of captions) {
        expect(caption).toMatch(new RegExp(`\\b${words[labels[id] ?? -1]}\\b`));
        expect(caption).toMatch(/\b(thick|thin)\b/);
      }
    }
  });

  it("are asked about in prompts that training never sees, and once in its own words", () => {
    const all = pairs.captions.flat();
    const openings = (templates: readonly string[]) =>
      templates.map((template) => template.replace("{c}", "").trim());
    expect(question("digit").templates).toHaveLength(4);
    for (const opening of openings(question("digit").templates))
      expect(
        all.some((caption) => caption.includes(opening)),
        opening,
      ).toBe(false);
    for (const opening of ["handwritten", "the digit", "number", "scan of a"])
      expect(
        all.some((caption) => caption.includes(opening)) &&
          question("digitSeen").templates.join().includes(opening),
      ).toBe(true);
  });

  it("hold an attribute that no caption states, and one that is half of the training pictures", () => {
    const loop = question("loop");
    expect(pairs.captions.flat().join()).not.toMatch(/loop|closed|round|hole/);
    expect(loop.truth).toEqual(Array.from(labels, (digit) => ([0, 6, 8, 9].includes(digit) ? 0 : 1)));
    const thick = [...train].filter((id) => question("thick").truth[id] === 0).length;
    expect(Math.abs(thick - 300)).toBeLessThan(15);
  });
});
