import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { TrainerError } from "../../program/errors.js";
import { putImage } from "../../test-support/make-files.js";
import { dataFolders, describeDatasets, loadDataset } from "../datasets.js";
import type { Dataset } from "./dataset.js";
import { declaration } from "./declaration.js";
import { imageAt } from "./image-blocks.js";

const bundled = fileURLToPath(new URL("../../../datasets/", import.meta.url));
let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "reprise-declared-"));
});
afterAll(() => rm(root, { recursive: true }));

const folders = () => dataFolders(bundled, { REPRISE_DATA: root });
const load = (name: string, imageSize: number | null = null) =>
  loadDataset(name, folders(), { imageSize, report: () => {}, warn: () => {} });
const pixelOf = ({ features }: Dataset, id: number) =>
  features instanceof Float32Array ? null : imageAt(features, id)[0];
const numbersOf = ({ features }: Dataset) => (features instanceof Float32Array ? [...features] : null);
const announced = async (name: string) =>
  (await describeDatasets(folders())).find((set) => set.name === name);

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

async function refusal(name: string, imageSize: number | null = null): Promise<string> {
  const error = await load(name, imageSize).catch((thrown: unknown) => thrown);
  if (!(error instanceof TrainerError)) throw new Error(`Not refused: ${String(error)}`);
  return `${error.message} ${error.hint ?? ""}`;
}

describe("a folder of images per class", () => {
  beforeAll(async () => {
    const declared =
      'kind: imageFolder\ntitle: Moles\nlicense: CC0\nimageSize: 6\npositiveClass: bad\ngroups:\n  patient: "/(p[0-9]+)_"\n';
    await put("moles/dataset.yaml", declared);
    for (const [folder, red] of [
      ["bad", 250],
      ["good", 5],
    ] as const)
      for (const name of ["p1_a", "p1_b", "p2_a"])
        await putImage(join(root, "moles", folder, `${name}.png`), {
          width: 9,
          height: 7,
          colour: [red, 0, 0],
        });
  });

  test("is announced and read by its declaration", async () => {
    expect(await announced("moles")).toMatchObject({
      title: "Moles",
      available: true,
      classes: ["bad", "good"],
      positiveClass: 0,
      groups: ["patient"],
      inputShape: [6, 6, 3],
    });
    const set = await load("moles");
    expect(set.caseNames).toEqual([
      "bad/p1_a.png",
      "bad/p1_b.png",
      "bad/p2_a.png",
      "good/p1_a.png",
      "good/p1_b.png",
      "good/p2_a.png",
    ]);
    expect([...set.labels]).toEqual([0, 0, 0, 1, 1, 1]);
    expect([...(set.groups.patient ?? [])]).toEqual([0, 0, 1, 0, 0, 1]);
    expect([pixelOf(set, 0), pixelOf(set, 5)]).toEqual([250, 5]);
    expect((await load("moles", 3)).inputShape).toEqual([3, 3, 3]);
  });

  test("classes can be named, ordered and be fewer than the folders", async () => {
    await put(
      "moles2/dataset.json",
      '{"kind": "imageFolder", "classes": {"benign": "good", "malignant": "bad"}, "positiveClass": "malignant", "channels": 1, "imageSize": 4}',
    );
    for (const folder of ["good", "bad", "unsure"])
      await putImage(join(root, "moles2", folder, "1.jpg"), { width: 4, height: 4, colour: [90, 90, 90] });
    const set = await load("moles2");
    expect([set.classes, set.positiveClass, set.caseNames, set.inputShape]).toEqual([
      ["benign", "malignant"],
      1,
      ["good/1.jpg", "bad/1.jpg"].sort(),
      [4, 4, 1],
    ]);
    expect([...set.labels]).toEqual([1, 0]);
  });
});

describe("images listed in a table", () => {
  test("path, class and group come from columns; unknown classes, missing images and paths outside are named", async () => {
    await put(
      "scans/dataset.yaml",
      "kind: imageTable\nfile: list.csv\nimage: scan\nlabel: finding\nclasses: [none, tumour]\npositiveClass: tumour\ngroups: [patient]\nimageSize: 5\n",
    );
    await put(
      "scans/list.csv",
      'scan,patient,finding\n"a/1.png",7,none\n./a/2.png,8,tumour\na/1.png,7,none\n',
    );
    for (const file of ["1", "2"])
      await putImage(join(root, "scans", "a", `${file}.png`), {
        width: 5,
        height: 5,
        colour: [Number(file), 0, 0],
      });
    const set = await load("scans");
    expect([[...set.labels], set.caseNames]).toEqual([
      [0, 1, 0],
      ["a/1.png", "a/2.png", "a/1.png#2"],
    ]);
    expect([...(set.groups.patient ?? [])]).toEqual([0, 1, 0]);
    await put("scans/list.csv", "scan,patient,finding\na/1.png,7,nune\n");
    expect(await refusal("scans")).toMatch(
      /list.csv, line 2: class "nune" is not declared.*Did you mean "none"/,
    );
    await put("scans/list.csv", "scan,patient,finding\na/3.png,7,none\n");
    expect(await refusal("scans")).toContain("a/3.png is missing");
    await put("scans/list.csv", "scan,patient,finding\n../moles/bad/p1_a.png,7,none\n");
    expect(await refusal("scans")).toContain("is not inside the data set's folder");
    await put("scans/list.csv", "scan,patients,finding\na/1.png,7,none\n");
    expect(await refusal("scans")).toMatch(/no column "patient".*Did you mean "patients"/);
  });
});

describe("a table of numbers", () => {
  const declared = (file: string) =>
    `kind: table\nfile: ${file}\nlabel: diagnosis\nclasses: [B, M]\npositiveClass: M\ngroups: [patient]\nignore: [note]\ncategories:\n  sex: [f, m]\n`;

  test("CSV and Parquet of the same rows give the same cases", async () => {
    await put("clinic/dataset.yaml", declared("rows.csv"));
    await put(
      "clinic/rows.csv",
      'patient,age,sex,diagnosis,note\n1,61,f,M,"says ""fine"", twice"\n2,44.5,m,B,\n1,62,f,M,x\n',
    );
    await put("clinic-parquet/dataset.yaml", declared("rows.parquet"));
    const columns = [
      { name: "patient", data: [1, 2, 1] },
      { name: "age", data: [61, 44.5, 62] },
      { name: "sex", data: ["f", "m", "f"] },
      { name: "diagnosis", data: ["M", "B", "M"] },
      { name: "note", data: ["a", null, "x"] },
    ];
    await writeFile(
      join(root, "clinic-parquet", "rows.parquet"),
      new Uint8Array(parquetWriteBuffer({ columnData: columns })),
    );
    const csv = await load("clinic");
    expect(numbersOf(csv)).toEqual([61, 1, 0, 44.5, 0, 1, 62, 1, 0]);
    expect([[...csv.labels], [...(csv.groups.patient ?? [])], csv.inputShape, csv.positiveClass]).toEqual([
      [1, 0, 1],
      [0, 1, 0],
      [3],
      1,
    ]);
    const { name, digest, ...rest } = await load("clinic-parquet");
    expect({ ...csv, name, digest }).toEqual({ ...rest, name, digest });
    expect(await announced("clinic-parquet")).toMatchObject({
      inputShape: [3],
      classes: ["B", "M"],
      groups: ["patient"],
      available: true,
    });
  });

  test.each([
    ["a missing value", "1,,f,M,\n", /rows.csv, line 2: column "age" holds nothing/],
    ["text for a number", "1,old,f,M,\n", /line 2: column "age" holds "old"/],
    ["an undeclared category", "1,5,x,M,\n", /line 2: "x" is not among the declared values of column "sex"/],
    ["an undeclared class", "1,5,f,X,\n", /line 2: class "X" is not declared/],
    ["a short row", "1,5,f\n", /rows.csv is damaged/],
    ["no rows", "", /has no rows/],
  ])("%s is refused with its place", async (_, rows, message) => {
    await put("faulty/dataset.yaml", declared("rows.csv"));
    await put("faulty/rows.csv", `patient,age,sex,diagnosis,note\n${rows}`);
    expect(await refusal("faulty")).toMatch(message);
  });
});

test("the declarations that the documentation shows are valid", async () => {
  const text = await readFile(new URL("../../../../../docs/datasets.md", import.meta.url), "utf8");
  const shown = [...text.matchAll(/```yaml\n(kind: [^`]*)```/g)].map(([, yaml]) =>
    declaration.parse(parse(yaml ?? "")),
  );
  expect(shown.map(({ kind }) => kind)).toEqual([
    "imageFolder",
    "imageTable",
    "table",
    ...Array(4).fill("imageText"),
  ]);
});

describe("a declaration with a mistake", () => {
  test.each([
    [
      "no positive class of two",
      "kind: table\nfile: x.csv\nlabel: y\nclasses: [a, b]\n",
      /positiveClass: say which of a and b/,
    ],
    [
      "a positive class that is none",
      "kind: table\nfile: x.csv\nlabel: y\nclasses: [a, b]\npositiveClass: c\n",
      /"c" is none of the classes/,
    ],
    ["an unknown kind", "kind: imagefolder\n", /kind: .*imageFolder.* \(one folder of images per class\)/],
    [
      "an unknown key",
      "kind: imageFolder\nclases: [a, b]\n",
      /clases: unknown key\. Did you mean "classes"\?$/,
    ],
    ["two channels", "kind: imageFolder\nchannels: 2\n", /channels: must be 1 \(grey\) or 3 .*given: 2/],
    ["no YAML", "kind: [table\n", /dataset.yaml/],
  ])("%s is announced with it, and refused", async (_, text, message) => {
    await put("wrong/dataset.yaml", text);
    await put("wrong/a/x.txt", "");
    expect(await announced("wrong")).toMatchObject({
      available: false,
      hint: expect.stringMatching(message),
    });
    expect(await refusal("wrong")).toMatch(message);
    await rm(join(root, "wrong"), { recursive: true });
  });

  test("a folder without a declaration is told how to get one; an unknown name its nearest", async () => {
    await mkdir(join(root, "silent"));
    expect(await refusal("silent")).toMatch(/does not say what it holds.*dataset.yaml/);
    expect(await refusal("cifar-10")).toContain('Did you mean "cifar10"');
  });
});
