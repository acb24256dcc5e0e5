import { appendFile, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { streamKey } from "../../arithmetic/streams.js";
import { TrainerError } from "../../program/errors.js";
import {
  makeCbisDdsm,
  makeCifar10,
  makeLc25000,
  makePatchCamelyon,
  makeSdnet2018,
} from "../../test-support/make-files.js";
import { dataFolders, describeDatasets, loadCachedDataset, loadDataset } from "../datasets.js";
import { stratifiedSplit } from "../split.js";
import { openCachedPictures } from "./cached-pictures.js";
import type { Dataset } from "./dataset.js";
import { allocateImages, bytesOf, imageAt, stretchesOf } from "./image-blocks.js";
import { refuseTooLarge } from "./image-source.js";

const bundled = fileURLToPath(new URL("../../../datasets/", import.meta.url));
let root = "";
const folders = (place = root) => dataFolders(bundled, { REPRISE_DATA: place });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "reprise-data-"));
  await Promise.all([
    makeCifar10({ root }, 10),
    makeSdnet2018({ root }, 6),
    makeLc25000({ root }, 2),
    makeCbisDdsm({ root }),
    makePatchCamelyon({ root }, 6),
  ]);
}, 60_000);
afterAll(() => rm(root, { recursive: true, force: true }));

/** The one decoded set of a cache. */
async function cachedBytes(cache: string): Promise<Buffer> {
  const [name = ""] = (await readdir(cache)).filter((file) => file.endsWith(".decoded"));
  return readFile(join(cache, name));
}

/** What reading reported, by unit. */
async function read(name: string, imageSize: number | null = null, place = root) {
  const units = new Set<string>();
  const warnings: string[] = [];
  const dataset = await loadDataset(name, folders(place), {
    imageSize,
    report: (done, total, unit) => {
      expect(done).toBeLessThanOrEqual(total);
      units.add(unit);
    },
    warn: (message) => warnings.push(message),
  });
  expect(warnings).toEqual([]);
  return { dataset, units: [...units] };
}

const pixel = ({ inputShape, features }: Dataset, id: number, at = 0) => {
  if (features instanceof Float32Array) throw new Error("A table has no pixels.");
  const channels = inputShape[2] ?? 1;
  return [...imageAt(features, id).subarray(at * channels, (at + 1) * channels)];
};
const idOf = (dataset: Dataset, name: string) => dataset.caseNames?.indexOf(name) ?? -1;

/** The user error that reading ends with. */
async function refusal(name: string, imageSize: number | null = null, place = root): Promise<TrainerError> {
  const error = await read(name, imageSize, place).catch((thrown: unknown) => thrown);
  if (!(error instanceof TrainerError)) throw new Error(`Not refused: ${String(error)}`);
  expect(error.kind).toBe("user");
  return error;
}

describe("CIFAR-10, binary version", () => {
  test("planes of colour become pixels; files tell label and part; counts that differ from the published are remarked", async () => {
    const { dataset, units } = await read("cifar10");
    expect([dataset.cases, dataset.inputShape]).toEqual([60, [32, 32, 3]]);
    if (dataset.features instanceof Float32Array) throw new Error("CIFAR-10 is read as a table.");
    expect(dataset.features.blocks.map(({ buffer }) => buffer instanceof SharedArrayBuffer)).toEqual([true]);
    const id = idOf(dataset, "data_batch_3.bin/7");
    expect(dataset.classes[dataset.labels[id] ?? -1]).toBe("horse");
    // Pixel 37 of record 7 of the third file, as it was made.
    expect(pixel(dataset, id, 37)).toEqual([37, 140, 80]);
    expect(dataset.publishedParts?.filter((part) => part === 2)).toHaveLength(10);
    expect(dataset.remarks.join()).toContain("published with 60000 images; 60 are here");
    expect(units).toEqual(["MB hashed", "images read"]);
  });

  test("is resized where a run asks for it", async () => {
    const { dataset } = await read("cifar10", 16);
    expect(dataset.inputShape).toEqual([16, 16, 3]);
    expect(pixel(dataset, idOf(dataset, "test_batch.bin/3"), 5).slice(1)).toEqual([60, 200]);
  });

  test("the published parts are taken, and shares that are not theirs are refused with the right ones", async () => {
    const { dataset } = await read("cifar10");
    const shares = { train: 0.75, validation: 0.0833, test: 0.1667, seed: 1, groupBy: null };
    const split = stratifiedSplit(dataset, { ...shares, published: true }, streamKey(1, "split", null));
    expect([...split.test].map((id) => dataset.caseNames?.[id]?.split("/")[0])).toEqual(
      Array.from({ length: 10 }, () => "test_batch.bin"),
    );
    expect([split.train.length, split.validation.length]).toEqual([45, 5]);
    const wrong = { ...shares, train: 0.8, validation: 0.1, test: 0.1, published: true };
    expect(() => stratifiedSplit(dataset, wrong, streamKey(1, "split", null))).toThrow(
      /test is 0.1.*0\.1667/,
    );
  });
});

describe("SDNET2018", () => {
  test("folders tell the class, names the photograph; cracked is positive", async () => {
    const { dataset, units } = await read("sdnet2018", 8);
    expect([dataset.cases, dataset.inputShape, dataset.positiveClass]).toEqual([72, [8, 8, 3], 1]);
    const id = idOf(dataset, "W/CW/7003-11.jpg");
    expect(dataset.labels[id]).toBe(1);
    expect(pixel(dataset, id)).toEqual([62, 62, 62]);
    expect(new Set(dataset.groups.photo).size).toBe(18);
    expect(units).toEqual(["MB hashed", "images decoded"]);
  });

  test("a split by photograph keeps its images together and classes in proportion", async () => {
    const { dataset } = await read("sdnet2018", 8);
    const shares = { train: 0.5, validation: 0.25, test: 0.25, seed: 1, groupBy: "photo" };
    const split = stratifiedSplit(dataset, shares, streamKey(1, "split", null));
    const { photo } = dataset.groups;
    const photos = [split.train, split.validation, split.test].map(
      (ids) => new Set([...ids].map((id) => photo?.[id])),
    );
    expect(photos.reduce((sum, part) => sum + part.size, 0)).toBe(18);
    for (const [ids, share] of [
      [split.train, 0.5],
      [split.validation, 0.25],
      [split.test, 0.25],
    ] as const) {
      expect(Math.abs(ids.length - share * 72)).toBeLessThanOrEqual(4);
      expect([...ids].filter((id) => dataset.labels[id] === 1)).toHaveLength(ids.length / 2);
    }
    expect(stratifiedSplit(dataset, shares, streamKey(1, "split", null))).toEqual(split);
    expect(stratifiedSplit(dataset, shares, streamKey(2, "split", null))).not.toEqual(split);
    expect(() =>
      stratifiedSplit(dataset, { ...shares, groupBy: "foto" }, streamKey(1, "split", null)),
    ).toThrow(/no group "foto"/);
  });
});

describe("LC25000", () => {
  test("whole and by organ; copies of photographs are disclosed", async () => {
    const [whole, lung, colon] = await Promise.all(
      ["lc25000", "lc25000-lung", "lc25000-colon"].map((name) => read(name, 4)),
    );
    expect([whole, lung, colon].map((one) => one?.dataset.cases)).toEqual([10, 6, 4]);
    expect(colon?.dataset.classes[colon.dataset.positiveClass ?? -1]).toBe("colon adenocarcinoma");
    expect(whole?.dataset.positiveClass).toBeNull();
    expect(lung?.dataset.remarks.join()).toContain("share photographs");
  });

  test("at its own size the published set is refused where memory is short, with what it takes and what would do", () => {
    const whole = { name: "lc25000", cases: 25_000, side: 768, channels: 3 };
    const gib = 2 ** 30;
    expect(() => refuseTooLarge(whole, { total: 16 * gib, free: 10 * gib })).toThrow(
      expect.objectContaining({
        kind: "user",
        message: expect.stringContaining(
          "25000 images of 768 × 768 × 3 take 41.2 GiB of memory, and it has 16.0 GiB",
        ),
        hint: expect.stringContaining("imageSize, for example to 338"),
      }),
    );
    expect(() => refuseTooLarge(whole, { total: 64 * gib, free: 40 * gib })).toThrow(
      expect.objectContaining({
        kind: "infrastructure",
        message: expect.stringContaining("40.0 GiB are free"),
      }),
    );
    expect(() => refuseTooLarge(whole, { total: 64 * gib, free: 42 * gib })).not.toThrow();
  });
});

describe("CBIS-DDSM", () => {
  test("mammograms: one case each, malignant if any lesion is; patients are groups; shared patients are disclosed", async () => {
    const { dataset } = await read("cbis-ddsm", 10);
    expect([dataset.cases, dataset.inputShape, dataset.positiveClass]).toEqual([5, [10, 10, 1], 1]);
    const id = idOf(dataset, "Mass-Training_P_00001_LEFT_CC/1.3.6.1/1.3.6.2/000000.png");
    expect(dataset.labels[id]).toBe(1);
    expect([...dataset.labels]).toEqual([1, 0, 1, 0, 0]);
    expect([...(dataset.groups.patient ?? [])]).toEqual([0, 1, 2, 3, 0]);
    expect([...(dataset.publishedParts ?? [])]).toEqual([0, 0, 2, 0, 2]);
    expect(dataset.remarks.join()).toContain("1 patients have images in both published parts");
  });

  test("lesions: one case per row", async () => {
    const { dataset } = await read("cbis-ddsm-lesions", 10);
    expect([...dataset.labels]).toEqual([0, 1, 0, 1, 0, 0]);
    expect(pixel(dataset, 1)).toEqual([120]);
  });

  test("an image size must be named; a missing image is named with its line", async () => {
    expect(await refusal("cbis-ddsm")).toMatchObject({
      message: expect.stringContaining("any size"),
      hint: expect.stringContaining("imageSize"),
    });
    const place = await mkdtemp(join(tmpdir(), "reprise-cbis-"));
    await makeCbisDdsm({ root: place });
    await rm(join(place, "cbis-ddsm", "Mass-Test_P_00003_LEFT_CC"), { recursive: true });
    const { message, hint } = await refusal("cbis-ddsm", 10, place);
    expect(message).toMatch(
      /image of line 2 of .*mass_case_description_test_set.csv is missing: Mass-Test_P_00003/,
    );
    expect(hint).toContain("PNG");
    await rm(place, { recursive: true });
  });
});

describe("PatchCamelyon", () => {
  test("images and labels from HDF5, parts as published, slides from the tables", async () => {
    const { dataset } = await read("patch-camelyon");
    expect([dataset.cases, dataset.inputShape, dataset.positiveClass]).toEqual([18, [96, 96, 3], 1]);
    const id = idOf(dataset, "validation/3");
    expect([dataset.labels[id], ...pixel(dataset, id, 1234)]).toEqual([1, 31, 31, 31]);
    expect([...(dataset.publishedParts ?? [])].join("")).toBe("000000111111222222");
    expect(new Set(dataset.groups.slide).size).toBe(3);
    expect((await read("patch-camelyon", 32)).dataset.inputShape).toEqual([32, 32, 3]);
  });

  test("a file that is not HDF5 is named", async () => {
    const place = await mkdtemp(join(tmpdir(), "reprise-pcam-"));
    await makePatchCamelyon({ root: place }, 2);
    const file = join(place, "patch-camelyon", "camelyonpatch_level_2_split_valid_x.h5");
    await truncate(file, 100);
    const { message, hint } = await refusal("patch-camelyon", null, place);
    expect(message).toContain(`${file} is damaged or no HDF5 file`);
    expect(hint).toContain("gunzip");
    await rm(place, { recursive: true });
  });
});

test("images lie in blocks of whole images, each found by its number", () => {
  const store = allocateImages(7, 3, 8);
  expect(store.blocks.map(({ length }) => length)).toEqual([6, 6, 6, 3]);
  for (let id = 0; id < 7; id++) imageAt(store, id).fill(id);
  expect([...stretchesOf(store, 4)].flatMap((bytes) => [...bytes]).join("")).toBe("000111222333444555666");
  expect(bytesOf(store)).toBe(21);
});

describe("cached results", () => {
  test("the second run decodes nothing; a touched file is hashed again, a changed one decoded; damage is repaired", async () => {
    const place = await mkdtemp(join(tmpdir(), "reprise-cache-"));
    await makeCifar10({ root: place }, 10);
    const file = join(place, "cifar10", "cifar-10-batches-bin", "test_batch.bin");
    const first = await read("cifar10", null, place);
    const second = await read("cifar10", null, place);
    expect(second.units).toEqual(["MB read"]);
    expect(second.dataset).toEqual(first.dataset);
    await utimes(file, new Date(1e9), new Date(1e9));
    const touched = await read("cifar10", null, place);
    expect(touched.units).toEqual(["MB hashed", "MB read"]);
    expect(touched.dataset.digest).toBe(first.dataset.digest);

    const cache = join(place, ".reprise-cache");
    const [decoded = ""] = (await readdir(cache)).filter((name) => name.endsWith(".decoded"));
    await truncate(join(cache, decoded), 5000);
    expect((await read("cifar10", null, place)).units).toEqual(["images read"]);
    const bytes = await readFile(join(cache, decoded));
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(join(cache, decoded), bytes);
    const repaired = await read("cifar10", null, place);
    expect(repaired.units).toEqual(["MB read", "images read"]);
    expect(repaired.dataset).toEqual(first.dataset);

    await appendFile(file, new Uint8Array(3073));
    const changed = await read("cifar10", null, place);
    expect(changed.units).toEqual(["MB hashed", "images read"]);
    expect(changed.dataset.digest).not.toBe(first.dataset.digest);
    await appendFile(file, new Uint8Array(5));
    expect((await refusal("cifar10", null, place)).message).toContain("test_batch.bin is damaged");
    await rm(place, { recursive: true });
  });

  test("a set whose pixels stay in a file is the same set, decoded a block at a time, and checked when it is read", async () => {
    const place = await mkdtemp(join(tmpdir(), "reprise-cached-"));
    // Three blocks of at most 1,024 images.
    await makeCifar10({ root: place }, 400);
    const readAgain = async (cache = join(place, "cache")) => {
      const units = new Set<string>();
      const set = await loadCachedDataset(
        "cifar10",
        { ...folders(place), cache },
        { imageSize: null, report: (_done, _total, unit) => units.add(unit), warn: () => {} },
      );
      return { set, units: [...units] };
    };
    const inMemory = (await read("cifar10", null, place)).dataset;
    const first = await readAgain();
    expect(first.units).toEqual(["MB hashed", "images read"]);
    const second = await readAgain();
    expect(second.units).toEqual(["MB read"]);
    const { features, ...rest } = inMemory;
    if (features instanceof Float32Array) throw new Error("a table");
    for (const { set } of [first, second]) {
      const { features: cached, ...same } = set;
      expect(same).toEqual(rest);
      if (cached instanceof Float32Array || "blocks" in cached) throw new Error("in memory");
      const readImage = openCachedPictures(cached);
      for (const id of [0, 1023, 1024, 2047, 2048, 2399]) {
        const image = new Uint8Array(cached.imageBytes);
        readImage(id, image);
        expect(image).toEqual(Uint8Array.from(imageAt(features, id)));
      }
      expect(() => readImage(2400, new Uint8Array(cached.imageBytes))).toThrow(/cut off/);
    }
    // Either way of reading finds what the other has cached.
    const [a, b] = await Promise.all([join(place, "cache"), join(place, ".reprise-cache")].map(cachedBytes));
    expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);

    const [file = ""] = (await readdir(join(place, "cache"))).filter((name) => name.endsWith(".decoded"));
    await truncate(join(place, "cache", file), 5000);
    expect((await readAgain()).units).toEqual(["images read"]);
    // Where nothing can be written, the set is read into memory as others are.
    await writeFile(join(place, "no-folder"), "");
    const { set: uncached } = await readAgain(join(place, "no-folder"));
    expect([uncached.decodedDigest, "blocks" in uncached.features]).toEqual([inMemory.decodedDigest, true]);
    await rm(place, { recursive: true });
  });

  test("a damaged image is named", async () => {
    const place = await mkdtemp(join(tmpdir(), "reprise-damaged-"));
    await makeLc25000({ root: place }, 2);
    const file = join(
      place,
      "lc25000",
      "lung_colon_image_set",
      "colon_image_sets",
      "colon_n",
      "colonn2.jpeg",
    );
    await truncate(file, 900);
    expect((await refusal("lc25000-colon", 8, place)).message).toContain(`${file} is damaged or no image`);
    await writeFile(file, "no image");
    expect((await refusal("lc25000-colon", 8, place)).message).toContain(`${file} is damaged or no image`);
    await rm(place, { recursive: true });
  });
});

describe("absent sets", () => {
  test("say where to get them and where to put them; without REPRISE_DATA also that", async () => {
    const place = await mkdtemp(join(tmpdir(), "reprise-empty-"));
    for (const name of ["cifar10", "sdnet2018", "cbis-ddsm", "lc25000", "patch-camelyon"]) {
      const { hint = "" } = await refusal(name, null, place);
      expect(hint).toMatch(/https:\/\//);
      expect(hint).toContain(place);
    }
    const described = await describeDatasets(dataFolders(bundled, {}));
    for (const { name, available, hint } of described) {
      if (["wdbc", "digits", "parkinson-voice"].includes(name))
        expect([available, hint]).toEqual([true, null]);
      else expect([available, hint]).toEqual([false, expect.stringContaining("Set REPRISE_DATA")]);
    }
    expect((await describeDatasets(folders())).filter(({ available }) => !available)).toEqual([]);
    await rm(place, { recursive: true });
  });
});
