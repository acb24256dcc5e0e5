import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { streamKey } from "../../../arithmetic/streams.js";
import { present, TrainerError } from "../../../program/errors.js";
import { makeLc25000, makePatchCamelyon, put, putImage } from "../../../test-support/make-files.js";
import { type DigitPicture, writeDigits, writeShard } from "../../../test-support/make-pairs.js";
import { dataFolders, describeDatasets, describeQuestions, loadDataset, loadPairs } from "../../datasets.js";
import { stratifiedSplit } from "../../split.js";
import type { PairSet } from "./pair-set.js";
import { createPictureDecoder } from "./picture-files.js";
import { expandBraces } from "./web-dataset.js";

const bundled = fileURLToPath(new URL("../../../../datasets/", import.meta.url));
let root = "";
let digits: DigitPicture[] = [];
const folders = () => dataFolders(bundled, { REPRISE_DATA: root });
const options = { imageSize: null, report: () => {}, warn: () => {} };
const pairsOf = async (name: string) => present(await loadPairs(name, folders(), options), name);
const announced = async (name: string) =>
  (await describeDatasets(folders())).find((set) => set.name === name);

/** The bytes of a case, decoded. */
async function pixels({ pictures, inputShape }: PairSet, id: number): Promise<number[]> {
  const target = new Uint8Array(inputShape.reduce((a, b) => a * b, 1));
  await (await createPictureDecoder(pictures))(id, target);
  return [...target];
}

async function refusal(name: string): Promise<string> {
  const error = await loadPairs(name, folders(), options).catch((thrown: unknown) => thrown);
  if (!(error instanceof TrainerError)) throw new Error(`Not refused: ${String(error)}`);
  expect(error.kind).toBe("user");
  return `${error.message} ${error.hint ?? ""}`;
}

const csv = (rows: readonly DigitPicture[]) =>
  `file,text,hand\n${rows.map(({ file, caption }, i) => `${file},"${caption}",h${i % 3}`).join("\n")}\n`;
const tableDeclaration = (file: string, more = "") =>
  `kind: imageText\nlayout: table\nfile: ${file}\nimage: file\ncaption: text\nimages: scans\ngroups: [hand]\nimageSize: 8\nchannels: 1\n${more}`;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "reprise-pairs-"));
  digits = await writeDigits(join(root, "csv", "scans"), 12);
  await put(join(root, "csv", "dataset.yaml"), tableDeclaration("pairs.csv"));
  await put(join(root, "csv", "pairs.csv"), csv(digits));
});
afterAll(() => rm(root, { recursive: true }));

describe("pairs of a table", () => {
  test("are announced, and read in the order of the table; pictures are those of the files", async () => {
    expect(await announced("csv")).toMatchObject({
      available: true,
      classes: [],
      positiveClass: null,
      groups: ["hand", "image"],
      inputShape: [8, 8, 1],
      defaultSplit: { train: 0.95, validation: 0.05, test: 0 },
    });
    const set = await pairsOf("csv");
    expect(set.cases).toBe(12);
    expect(set.captions).toEqual(digits.map(({ caption }) => caption));
    expect([...(set.groups.hand ?? [])]).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
    const digitSet = await loadDataset("digits", folders());
    if (digitSet.features instanceof Float32Array) throw new Error("Digits are a table.");
    const original = digitSet.features.blocks[0]?.subarray(5 * 64, 6 * 64) ?? [];
    expect(await pixels(set, 5)).toEqual(Array.from(original, (grey) => Math.round((grey * 255) / 16)));
    await expect(loadDataset("csv", folders())).rejects.toThrow(/captions: there are no classes/);
  });

  test("are the same from TSV and Parquet", async () => {
    await put(join(root, "tsv", "dataset.yaml"), tableDeclaration("pairs.tsv"));
    await put(
      join(root, "tsv", "pairs.tsv"),
      csv(digits)
        .replaceAll('"', "")
        .replace(/,(?! )/g, "\t"),
    );
    await put(join(root, "parquet", "dataset.yaml"), tableDeclaration("pairs.parquet"));
    const column = (name: string, data: string[]) => ({ name, data });
    const written = parquetWriteBuffer({
      columnData: [
        column(
          "text",
          digits.map(({ caption }) => caption),
        ),
        column(
          "file",
          digits.map(({ file }) => file),
        ),
        column(
          "hand",
          digits.map((_, i) => `h${i % 3}`),
        ),
      ],
    });
    await put(join(root, "parquet", "pairs.parquet"), new Uint8Array(written));
    for (const name of ["tsv", "parquet"]) await writeDigits(join(root, name, "scans"), 12);
    const sets = await Promise.all(["csv", "tsv", "parquet"].map(pairsOf));
    for (const { captions, groups } of sets)
      expect({ captions, groups }).toEqual({ captions: sets[0]?.captions, groups: sets[0]?.groups });
    expect(await pixels(present(sets[2], "set"), 7)).toEqual(await pixels(present(sets[0], "set"), 7));
  });

  test("whose content changes have another digest: a caption, or one picture", async () => {
    const files = join(root, "changed", "scans");
    await put(join(root, "changed", "dataset.yaml"), tableDeclaration("pairs.csv"));
    await put(join(root, "changed", "pairs.csv"), csv(digits));
    await writeDigits(files, 12);
    const { digest } = await pairsOf("changed");
    expect(digest).toBe((await pairsOf("csv")).digest);
    await put(join(root, "changed", "pairs.csv"), csv(digits).replace("digit zero", "digit nought"));
    const other = (await pairsOf("changed")).digest;
    await putImage(join(files, digits[3]?.file ?? ""), { width: 8, height: 8, colour: [9, 9, 9] });
    expect(new Set([digest, other, (await pairsOf("changed")).digest]).size).toBe(3);
  });

  test("of one group stay in one part", async () => {
    const set = await pairsOf("csv");
    const split = { train: 0.34, validation: 0.33, test: 0.33, seed: 1, groupBy: "hand" };
    const parts = Object.values(stratifiedSplit(set, split, streamKey(1, "split", null)));
    const hands = parts.map((ids) => new Set(Array.from(ids as Int32Array, (id) => set.groups.hand?.[id])));
    expect(hands.map((of) => of.size)).toEqual([1, 1, 1]);
    expect(new Set(hands.flatMap((of) => [...of])).size).toBe(3);
  });

  test.each([
    [
      "an empty caption",
      "file,text,hand\nclip0_image_0.png,,h\n",
      /pairs.csv, line 2: column "text" is empty.*incomplete: leaveOut/,
    ],
    ["no path", "file,text,hand\nclip0_image_0.png,x,h\n,words,h\n", /line 3: column "file" is empty/],
    [
      "a missing image",
      "file,text,hand\nclip0_image_0.png,x,h\nnone.png,y,h\n",
      /line 3, column "file": there is no file .*scans\/none.png/,
    ],
    [
      "a missing column",
      "file,texts,hand\nclip0_image_0.png,x,h\n",
      /no column "text".*Did you mean "texts"/,
    ],
    [
      "a file that is not an image",
      "file,text,hand\nnotes.pdf,x,h\n",
      /line 2, column "file": "notes.pdf" is not the name of an image file/,
    ],
    [
      "a path outside",
      "file,text,hand\n../../../a.png,x,h\n",
      /line 2, column "file": "..\/..\/..\/a.png" is not inside the data set's folder/,
    ],
    ["a row of another length", "file,text,hand\nclip0_image_0.png,x\n", /pairs.csv is damaged/],
    ["no rows", "file,text,hand\n", /has no pairs/],
  ])("with %s are refused by place and column", async (_, rows, message) => {
    await put(join(root, "faulty", "dataset.yaml"), tableDeclaration("pairs.csv"));
    await put(join(root, "faulty", "pairs.csv"), rows);
    await writeDigits(join(root, "faulty", "scans"), 2);
    expect(await refusal("faulty")).toMatch(message);
  });

  test("that are incomplete are left out where the declaration says so, and counted; others can be filtered", async () => {
    await put(
      join(root, "gaps", "dataset.yaml"),
      tableDeclaration("pairs.csv", "incomplete: leaveOut\nonly: { hand: [a, b] }\n"),
    );
    await writeDigits(join(root, "gaps", "scans"), 2);
    const rows =
      "clip0_image_0.png,x,a\nclip0_image_1.png,,a\nnone.png,y,b\nclip0_image_1.png,z,c\nclip0_image_1.png,w,b\n";
    await put(join(root, "gaps", "pairs.csv"), `file,text,hand\n${rows}`);
    const set = await pairsOf("gaps");
    expect(set.captions).toEqual(["x", "w"]);
    expect(set.remarks.join()).toMatch(
      /2 of the pairs in pairs.csv are left out: 1 without caption or path, 1 without/,
    );
  });

  test("whose picture is damaged are refused when it is decoded, by file", async () => {
    await put(join(root, "torn", "dataset.yaml"), tableDeclaration("pairs.csv"));
    await put(join(root, "torn", "pairs.csv"), csv(digits.slice(0, 2)));
    await writeDigits(join(root, "torn", "scans"), 2);
    await truncate(join(root, "torn", "scans", "clip0_image_1.png"), 60);
    const set = await pairsOf("torn");
    await expect(pixels(set, 1)).rejects.toThrow(/clip0_image_1.png is damaged or no image/);
  });
});

describe("QUILT-1M as published", () => {
  test("its columns, its folder, its parts; videos and images are groups", async () => {
    const header =
      ",caption,image_path,subset,split,pathology,roi_text,noisy_text,corrected_text,med_umls_ids,magnification,height,width\n";
    const row = ({ file, caption }: DigitPicture, i: number) =>
      `${i},"${caption}",${file},${i < 4 ? "quilt" : "openpath"},${i % 4 === 3 ? "val" : "train"},"['Skin']","['a, b']",x,"['y']",[],1.0,512,512\n`;
    await put(join(root, "quilt", "dataset.yaml"), "kind: imageText\nlayout: quilt-1m\nimageSize: 16\n");
    const rows = [...digits.slice(0, 6), digits[0] as DigitPicture].map(row);
    await put(join(root, "quilt", "quilt_1M_lookup.csv"), header + rows.join(""));
    expect((await announced("quilt"))?.hint).toMatch(/quilt_1m is missing.*wisdomikezogwo\/quilt1m/);
    await writeDigits(join(root, "quilt", "quilt_1m"), 6);
    const set = await pairsOf("quilt");
    expect([set.cases, set.inputShape]).toEqual([7, [16, 16, 3]]);
    expect([...(set.groups.video ?? [])]).toEqual([0, 0, 1, 1, 2, 2, 0]);
    expect([...(set.groups.image ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 0]);
    expect([...(set.groups.subset ?? [])]).toEqual([0, 0, 0, 0, 1, 1, 1]);
    expect([...(set.publishedParts ?? [])]).toEqual([0, 0, 0, 1, 0, 0, 0]);
  });
});

describe("WebDataset archives", () => {
  const shards = "shards-{000..001}.tar";
  const declared = (more = "") =>
    `kind: imageText\nlayout: webdataset\nshards: "${shards}"\nimageSize: 8\nchannels: 1\n${more}`;
  const long = `${"deep/".repeat(30)}last`;
  async function write(name: string, ...archives: [string, string | Uint8Array][][]) {
    for (const [i, members] of archives.entries())
      await writeShard(join(root, name, `shards-00${i}.tar`), members);
  }
  const png = async (i: number) => readFile(join(root, "csv", "scans", digits[i]?.file ?? ""));

  test("pairs are in the order of archives and members; long names and further members do no harm", async () => {
    await put(join(root, "wds", "dataset.yaml"), declared('groups: { hand: "^(.)" }\n'));
    await write(
      "wds",
      [
        ["b1.png", await png(0)],
        ["b1.txt", "one\n"],
        ["b1.json", "{}"],
        ["a2.txt", "two"],
        ["a2.png", await png(1)],
      ],
      [
        [`${long}.png`, await png(2)],
        [`${long}.txt`, "three"],
      ],
    );
    const set = await pairsOf("wds");
    expect(set.captions).toEqual(["one", "two", "three"]);
    expect([...(set.groups.hand ?? [])]).toEqual([0, 1, 2]);
    const files = await pairsOf("csv");
    for (const id of [0, 1, 2]) expect(await pixels(set, id)).toEqual(await pixels(files, id));
  });

  test("captions can be a field of JSON members", async () => {
    await put(join(root, "json", "dataset.yaml"), declared("caption: json\ncaptionField: en\n"));
    const sample = async (key: string, json: string) =>
      [
        [`${key}.png`, await png(0)],
        [`${key}.json`, json],
      ] satisfies [string, string | Uint8Array][];
    await write("json", await sample("a", '{"en": "fine"}'), await sample("b", '{"en": "small"}'));
    expect((await pairsOf("json")).captions).toEqual(["fine", "small"]);
    await write("json", await sample("a", '{"eng": "fine"}'), await sample("b", "{"));
    expect(await refusal("json")).toMatch(/member "a.json" has no text in field "en".*Did you mean "eng"/);
  });

  test("mistakes are named with archive and member", async () => {
    await put(join(root, "bad", "dataset.yaml"), declared());
    const a: [string, string | Uint8Array][] = [
      ["a.png", await png(0)],
      ["a.txt", "fine"],
    ];
    const b: [string, string | Uint8Array][] = [
      ["b.png", await png(1)],
      ["b.txt", "small"],
    ];
    const found: Record<string, string> = {};
    const refused = async (what: string, ...archives: [string, string | Uint8Array][][]) => {
      await write("bad", ...archives);
      found[what] = await refusal("bad");
    };
    await refused("duplicate", a, a);
    await refused("apart", [...a, ...b, ["a.json", "{}"]], b);
    await refused("caption", a, [b[0] as [string, Uint8Array]]);
    await refused("empty", a, [b[0] as [string, Uint8Array], ["b.txt", " \n"]]);
    await refused("image", a, [["b.gif", "x"], b[1] as [string, string]]);
    await refused("two", a, [...b, ["b.jpg", "x"]]);
    expect(found).toEqual({
      duplicate: expect.stringMatching(/shards-001.tar: sample "a" was in .*shards-000.tar before/),
      apart: expect.stringMatching(/shards-000.tar: sample "a" was in this archive before/),
      caption: expect.stringMatching(/shards-001.tar, sample "b": no member "b.txt"; it holds png/),
      empty: expect.stringMatching(/shards-001.tar, sample "b": the caption in member "b.txt" is empty/),
      image: expect.stringMatching(/shards-001.tar, sample "b": no image; it holds gif, txt/),
      two: expect.stringMatching(/shards-001.tar, sample "b": it has 2 images \(jpg, png\)/),
    });
    await write("bad", a, b);
    const path = join(root, "bad", "shards-001.tar");
    const whole = await readFile(path);
    await truncate(path, 600);
    expect(await refusal("bad")).toMatch(
      /shards-001.tar is damaged: it is cut off at byte 600 within member "b.png"/,
    );
    // Two members without the end mark that every tar has.
    await writeFile(path, whole.subarray(0, 2048));
    expect(await refusal("bad")).toMatch(
      /ends at byte 2048 without the end mark of a tar, after member "b.txt"/,
    );
    await writeFile(
      path,
      Buffer.concat([whole.subarray(0, 1024), Buffer.alloc(512, 7), whole.subarray(1024)]),
    );
    expect(await refusal("bad")).toMatch(/the header at byte 1024 is not one of a tar, after member "b.png"/);
    await rm(path);
    expect(await refusal("bad")).toMatch(/shards-001.tar is missing: the declaration names 2 archives/);
    await rm(join(root, "bad", "shards-000.tar"));
    expect(await refusal("bad")).toMatch(/Put the 2 archives shards-000.tar … shards-001.tar into/);
  });

  test("patterns of shells are expanded, with leading zeros", () => {
    expect(expandBraces("a-{08..11}.tar")).toEqual(["a-08.tar", "a-09.tar", "a-10.tar", "a-11.tar"]);
    expect(expandBraces("{x,y}-{0..1}.tar")).toEqual(["x-0.tar", "x-1.tar", "y-0.tar", "y-1.tar"]);
    for (const wrong of ["a{1..", "a{3..1}", "a{b}"]) expect(() => expandBraces(wrong)).toThrow(/"/);
  });
});

describe("questions on other sets", () => {
  test("those of the histopathology study have its templates and labels; others say their own", async () => {
    await Promise.all([makeLc25000({ root }, 2), makePatchCamelyon({ root }, 6)]);
    await put(
      join(root, "asked", "dataset.yaml"),
      tableDeclaration(
        "pairs.csv",
        'zeroShot:\n  - lc25000-colon\n  - patch-camelyon\n  - { dataset: digits, name: nine, templates: ["digit {c}"], labels: { "9": [nine, "9"] } }\n',
      ),
    );
    await put(join(root, "asked", "pairs.csv"), csv(digits));
    await writeDigits(join(root, "asked", "scans"), 12);
    expect((await announced("asked"))?.hint).toMatch(/zeroShot: labels say nothing for class "0" of digits/);
    await put(
      join(root, "asked", "dataset.yaml"),
      tableDeclaration("pairs.csv", "zeroShot: [lc25000-colon, { dataset: patch-camelyon, cases: 4 }]\n"),
    );
    const { questions } = await pairsOf("asked");
    expect(questions).toEqual([
      {
        name: "lc25000Colon",
        dataset: "lc25000-colon",
        part: null,
        cases: null,
        templates: [
          "a histopathology slide showing {c}",
          "histopathology image of {c}",
          "pathology tissue showing {c}",
          "presence of {c} tissue on image",
        ],
        labels: {
          "colon benign": ["Benign colonic tissue"],
          "colon adenocarcinoma": ["Colon adenocarcinoma"],
        },
      },
      expect.objectContaining({ name: "patchCamelyon", part: "test", cases: 4 }),
    ]);
    expect(await describeQuestions(folders())).toEqual([
      { name: "lc25000Colon", dataset: "lc25000-colon", binary: true },
      { name: "patchCamelyon", dataset: "patch-camelyon", binary: true },
    ]);
    const part = {
      imageSize: 8,
      report: () => {},
      warn: () => {},
      selection: { part: "test", cases: 4 },
    } as const;
    const set = await loadDataset("patch-camelyon", folders(), part);
    expect([set.cases, [...set.labels].sort(), set.publishedParts?.every((p) => p === 2)]).toEqual([
      4,
      [0, 0, 1, 1],
      true,
    ]);
    // The pixels are those of the chosen cases, not of the first ones.
    const all = await loadDataset("patch-camelyon", folders(), { ...part, selection: undefined });
    for (const [i, name] of (set.caseNames ?? []).entries()) {
      const id = all.caseNames?.indexOf(name) ?? -1;
      if (set.features instanceof Float32Array || all.features instanceof Float32Array)
        throw new Error("A table.");
      expect(set.features.blocks[0]?.[i * 192]).toBe(all.features.blocks[0]?.[id * 192]);
    }
  });

  test.each([
    ["an unknown set", "zeroShot: [lc25000-colons]\n", /say how lc25000-colons is asked about/],
    [
      "an unknown set with templates",
      'zeroShot: [{ dataset: digit, templates: ["{c}"] }]\n',
      /no data set "digit".*Did you mean "digits"/,
    ],
    [
      "an unknown class",
      'zeroShot: [{ dataset: digits, templates: ["{c}"], labels: { ten: x } }]\n',
      /"ten" is not a class of digits/,
    ],
    ["a template without place", 'zeroShot: [{ dataset: digits, templates: ["a digit"] }]\n', /zeroShot/],
    [
      "one name twice",
      "zeroShot: [lc25000-colon, lc25000-colon]\n",
      /two questions are called "lc25000Colon"/,
    ],
    ["a compressed archive", "", /shards: must end in .tar: .* must not be compressed/],
    ["a table of another kind", "", /file: must end in .csv, .tsv or .parquet/],
  ])("a declaration with %s is announced with it", async (what, zeroShot, message) => {
    const text = what.startsWith("a compressed")
      ? "kind: imageText\nlayout: webdataset\nshards: a.tar.gz\n"
      : tableDeclaration(what.startsWith("a table") ? "pairs.xlsx" : "pairs.csv", zeroShot);
    await put(join(root, "wrong", "dataset.yaml"), text);
    await put(join(root, "wrong", "pairs.csv"), csv(digits));
    await put(join(root, "wrong", "scans", "x"), "");
    expect(await announced("wrong")).toMatchObject({
      available: false,
      hint: expect.stringMatching(message),
    });
  });
});
