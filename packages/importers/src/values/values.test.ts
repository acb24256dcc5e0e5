import { describe, expect, it } from "vitest";
import { csvTable } from "./csv.js";
import { addPoint, type Histories, heldMetrics, supersededIn } from "./histories.js";
import { measuredOf, tryJson } from "./loose-json.js";
import { flatParams } from "./params.js";
import { numberOf, pythonValue } from "./python-text.js";
import { isoOf, millisecondsOf } from "./times.js";
import { yamlFault, yamlValue } from "./yaml.js";

describe("JSON as Python writes it", () => {
  it("has bare NaN and Infinity, and integers to the last digit", () => {
    expect(
      tryJson('{"a": NaN, "b": [-Infinity, 1e-8], "c": 9007199254740993, "d": "NaN 9007199254740993"}'),
    ).toEqual({
      a: Number.NaN,
      b: [Number.NEGATIVE_INFINITY, 1e-8],
      c: 9007199254740993n,
      d: "NaN 9007199254740993",
    });
    expect(tryJson('{"a": ')).toBeUndefined();
  });

  it("says measured values also by name", () => {
    expect([measuredOf("NaN"), measuredOf("Infinity"), measuredOf(true), measuredOf("0.5")]).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      null,
      null,
    ]);
  });
});

describe("numbers and values as Python prints them", () => {
  it.each([
    ["0.5", 0.5],
    ["1e-08", 1e-8],
    ["nan", Number.NaN],
    ["-inf", Number.NEGATIVE_INFINITY],
    ["5.", 5],
    ["", null],
    ["NA", null],
    ["1.10.2", null],
    ["0x10", null],
    ["12 %", null],
  ])("%s is %s", (text, value) => expect(numberOf(text)).toBe(value));

  it.each([
    ["None", null],
    ["True", true],
    ["[16, 32]", [16, 32]],
    ["('a', 'b')", ["a", "b"]],
    ["{}", {}],
    ["9007199254740993", 9007199254740993n],
    ["adamw", "adamw"],
    ["2026_09_21-model", "2026_09_21-model"],
    ["", ""],
  ])("%s is %s", (text, value) => expect(pythonValue(text)).toEqual(value));
});

describe("YAML", () => {
  it("is read as the program that wrote it reads it", () => {
    const text =
      "a: 1e-8\nb: 1.0e-08\nc: '1.10'\nd: 9007199254740993\ne: 2026-09-21\nf: null\ng: yes\nh: [1, {i: x}]\n";
    const shared = {
      b: 1e-8,
      c: "1.10",
      d: 9007199254740993n,
      e: "2026-09-21",
      f: null,
      g: true,
      h: [1, { i: "x" }],
    };
    expect(yamlValue(text, "pyyaml")).toEqual({ a: "1e-8", ...shared });
    expect(yamlValue(text, "omegaconf")).toEqual({ a: 1e-8, ...shared });
  });

  it("that is flat is read, whatever brackets stand in its texts, and with names of many classes", () => {
    const bins = Array.from({ length: 101 }, (_, at) => `[${at}, ${at + 1})`);
    const text = `bins:\n${bins.map((bin) => `- '${bin}'\n`).join("")}`;
    expect(yamlValue(text, "pyyaml")).toEqual({ bins });
    const classes = Array.from({ length: 21_843 }, (_, at) => [at, `a class named ${at} or so`] as const);
    const long = `id2label:\n${classes.map(([at, name]) => `  ${at}: ${name}\n`).join("")}`;
    expect(yamlValue(long, "omegaconf")).toEqual({ id2label: Object.fromEntries(classes) });
    expect(long.length).toBeGreaterThan(600_000);
  });

  it.each([
    ["brackets", "[".repeat(110)],
    ["dashes", `${"- ".repeat(110)}1`],
    ["indentation", Array.from({ length: 110 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
    ["entries", `[${"1,".repeat(200_000)}]`],
  ])("that would cost too much by its %s is refused as what it is", (_, text) => {
    let said = "";
    try {
      yamlValue(text, "pyyaml");
    } catch (error) {
      said = yamlFault(error);
    }
    expect(said).toMatch(/^(nests deeper than 100 levels|has more than 200000 lines)/);
  });

  it("builds no object of a program", () => {
    const text = 'a: !!python/object/apply:os.system ["true"]\nb: !!python/tuple [1, 2]\n';
    expect(yamlValue(text, "pyyaml")).toEqual({ a: ["true"], b: [1, 2] });
  });

  it("follows aliases, and refuses what they would make too much of", () => {
    const shared = "a: &id001\n- 0.9\n- 0.999\nb: *id001\n";
    expect(yamlValue(shared, "pyyaml")).toEqual({ a: [0.9, 0.999], b: [0.9, 0.999] });
    const doubled = Array.from({ length: 40 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]\n`);
    expect(() => yamlValue(`a0: &a0 []\n${doubled.join("")}`, "pyyaml")).toThrow(/values once each alias/);
  });
});

describe("settings", () => {
  it("are flattened; names that would be equal stay apart", () => {
    expect(
      flatParams({ a: { b: 1, c: {} }, "a.b": 2, d: [1, { e: 2 }], f: 9007199254740993n, g: Number.NaN }),
    ).toEqual({
      params: { "a.b": 1, "a.c": {}, "a.b (again)": 2, d: [1, { e: 2 }], f: "9007199254740993", g: "NaN" },
      integers: ["f"],
    });
  });
});

it("settings that would all get one name are as many names, none longer for it", () => {
  const under = (left: number): unknown =>
    left === 0
      ? 1
      : Object.fromEntries(
          Array.from({ length: left }, (_, at) => [`${"a.".repeat(at)}a`, under(left - at - 1)]),
        );
  const names = Object.keys(flatParams(under(10)).params);
  expect(names).toHaveLength(512);
  expect(names.slice(1, 3)).toEqual(["a.a.a.a.a.a.a.a.a.a (again)", "a.a.a.a.a.a.a.a.a.a (again 2)"]);
  expect(Math.max(...names.map(({ length }) => length))).toBeLessThan(40);
});

describe("histories", () => {
  it("keep what a later point of the same step stands in for", () => {
    expect(supersededIn([1, 2, 3, 2, 3, 4])).toEqual([1, 2]);
    expect(supersededIn([1, 3, 2])).toEqual([]);
    expect(supersededIn([7, 8], new Set([0, 1]))).toEqual([0, 1]);
    expect(supersededIn([])).toEqual([]);
  });

  it("share steps and times as long as they were logged together, and never another metric's points", () => {
    const histories: Histories = new Map();
    for (const step of [0, 1, 2]) {
      addPoint(histories, "loss", step, step / 10, 1000 * step);
      addPoint(histories, "norm", step, 1, 1000 * step);
      if (step !== 1) addPoint(histories, "auc", step, step / 2, 1000 * step);
      if (step === 0) addPoint(histories, "begun", 0, 7, 0);
    }
    addPoint(histories, "norm", 2, 5, 2000);
    const { loss, norm, auc, begun } = heldMetrics(histories, "float64", 0);
    expect(loss).toMatchObject({ steps: [0, 1, 2], values: [0, 0.1, 0.2], times: [0, 1, 2] });
    expect(norm).toMatchObject({ steps: [0, 1, 2, 2], values: [1, 1, 1, 5], superseded: [2] });
    expect(auc).toMatchObject({ steps: [0, 2], values: [0, 1], times: [0, 2] });
    expect(begun).toMatchObject({ steps: [0], values: [7], times: [0] });
    addPoint(histories, "again", 0, 1, 0);
    expect(histories.get("again")?.steps).toBe(histories.get("loss")?.steps);
  });
});

describe("CSV", () => {
  it("is read with its own separator, with quotes and line breaks in cells, up to where it was cut off", () => {
    expect(csvTable('a;"b;c"\n1;"x\ny"\n')).toEqual({
      header: ["a", "b;c"],
      rows: [["1", "x\ny"]],
      problem: null,
    });
    const rows = 26_000;
    expect(csvTable(`step,a,b\r${"1,2,3\r".repeat(rows)}`)?.rows).toHaveLength(rows);
    let said = "";
    const refuse = (reason: string) => {
      said = reason;
    };
    expect(csvTable(`a,b\n1,"${"x".repeat(5 * 2 ** 20)}"\n`, refuse)).toBeNull();
    expect(said).toBe("has a row of more than 4 MB, which is not read: a quote in it may be open");
    const cut = csvTable('a,b\n1,2\n3,"fo');
    expect(cut?.rows).toEqual([["1", "2"]]);
    expect(cut?.problem).not.toBeNull();
  });
});

describe("moments", () => {
  it("without a zone are UTC", () => {
    expect(isoOf(millisecondsOf("2026-11-29T03:55:32.692281"))).toBe("2026-11-29T03:55:32.692Z");
    expect(isoOf(millisecondsOf("2026-11-29 03:55:32+02:00"))).toBe("2026-11-29T01:55:32.000Z");
    expect([millisecondsOf("yesterday"), isoOf(0), isoOf(null)]).toEqual([null, null, null]);
  });
});
