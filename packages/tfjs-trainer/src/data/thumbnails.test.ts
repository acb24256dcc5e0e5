import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { thumbnailCases, thumbnailSide } from "@reprise/contracts";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTrainer } from "../program/build.js";
import { runBundled } from "../test-support/run-bundled.js";
import { digestOf, eventsOf, rungOf } from "../test-support/run-events.js";
import { requestOf } from "../test-support/run-request.js";
import { allocateImages, imageAt } from "./datasets/image-blocks.js";
import { drawSheet, makeThumbnails, type Pictures, picturesOf } from "./thumbnails.js";

const folder = mkdtempSync(join(tmpdir(), "reprise-thumbnails-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Grey 2 × 2 images of 17 levels: case i is i everywhere but in its upper right corner. */
function pictures(cases: number, change: Partial<Pictures> = {}): Pictures {
  const images = allocateImages(cases, 4);
  for (let id = 0; id < cases; id++) imageAt(images, id).set([id % 17, 16, id % 17, id % 17]);
  const named = Array.from({ length: cases }, (_, id) => ({ id, name: `case-${id}` }));
  return {
    read: (id) => imageAt(images, id),
    inputShape: [2, 2, 1],
    white: 16,
    content: { digest: "d" },
    splits: [{ split: "test", cases: named }],
    ...change,
  };
}
const make = async (from: Pictures, known: string[] = []) => {
  const events = await makeThumbnails(from, { known, folder });
  return events.flatMap((event) => (event.type === "thumbnails" ? [event] : []));
};

describe("a sheet of thumbnails", () => {
  it("shows every case in the cell that its place in the list says", async () => {
    const [event] = await make(pictures(7));
    expect(event?.sheet).toMatchObject({ columns: 3, width: 2, height: 2 });
    const { data, info } = await sharp(event?.sheet?.path)
      .extractChannel(0)
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([6, 6]);
    event?.sheet?.ids.forEach((name, place) => {
      const at = Math.floor(place / 3) * 2 * info.width + (place % 3) * 2;
      const level = Math.round((Number(name.slice(5)) * 255) / 16);
      expect([data[at], data[at + 1], data[at + info.width]]).toEqual([level, 255, level]);
    });
  });

  it("averages what is larger than a cell, in colour and whatever its sides", () => {
    const [height, width] = [64, 128];
    const image = new Uint8Array(height * width * 3);
    for (let pixel = 0; pixel < height * width; pixel++)
      image.set([pixel % 2 === 0 ? 100 : 200, 7, pixel < (height * width) / 2 ? 0 : 90], 3 * pixel);
    const sheet = drawSheet([0], { read: () => image, inputShape: [height, width, 3], white: 255 });
    expect([sheet.width, sheet.height, sheet.channels]).toEqual([thumbnailSide, 16, 3]);
    expect([...sheet.pixels.subarray(0, 3)]).toEqual([150, 7, 0]);
    expect([...sheet.pixels.subarray(-3)]).toEqual([150, 7, 90]);
  });

  it("is one for the same pictures of the same cases, sent once, and bounded", async () => {
    const [first] = await make(pictures(4));
    const [again] = await make(pictures(4), [first?.key ?? ""]);
    expect(again).toEqual({ type: "thumbnails", key: first?.key, split: "test", sheet: null });
    const others = [pictures(5), pictures(4, { content: { digest: "e" } }), pictures(4, { white: 15 })];
    const keys: (string | undefined)[] = [];
    for (const other of others) keys.push((await make(other))[0]?.key);
    expect(new Set([first?.key, ...keys]).size).toBe(4);

    const features = allocateImages(1, 4);
    const many = Int32Array.from({ length: thumbnailCases + 10 }, (_, id) => id);
    const dataset = { features, inputShape: [2, 2, 1], white: 255, digest: "d", decodedDigest: null };
    const [bounded] = picturesOf(dataset, { validation: new Int32Array(), test: many }, null);
    expect(bounded?.splits.map(({ split, cases }) => [split, cases.length])).toEqual([
      ["test", thumbnailCases],
    ]);
    const table = { ...dataset, features: new Float32Array(4), inputShape: [4] };
    expect(picturesOf(table, { validation: many, test: many }, null)).toEqual([]);
  });
});

describe("a run on images", () => {
  beforeAll(() => buildTrainer());

  it("reports a sheet for each evaluated split where they are wanted, and computes the same bits", async () => {
    const split = { train: 0.3, validation: 0.1, test: 0.6, seed: 1, groupBy: null };
    const request = (change: object) =>
      requestOf("fixed", { model: "mlp", epochs: 1 }, { dataset: { name: "digits", split }, ...change });
    const outputDirectory = join(folder, "run");
    const [plain, shown] = await Promise.all([
      runBundled(request({})),
      runBundled(request({ outputDirectory, thumbnails: { known: [] } })),
    ]);
    expect(eventsOf(plain, "thumbnails")).toEqual([]);
    expect(digestOf(shown)).toBe(digestOf(plain));
    for (const kind of ["configuration", "dataset", "predictions"])
      expect(rungOf(shown, kind)).toEqual(rungOf(plain, kind));
    const predicted = new Map(eventsOf(shown, "predictions").map((event) => [event.split, event.ids]));
    const sheets = eventsOf(shown, "thumbnails");
    expect(sheets.map(({ split: of }) => of)).toEqual(["validation", "test"]);
    for (const { split: of, sheet } of sheets) expect(sheet?.ids).toEqual(predicted.get(of));
  });
});
