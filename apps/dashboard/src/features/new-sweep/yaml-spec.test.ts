import { describe, expect, it } from "vitest";
import { editSpec, fieldText, fieldValue, readSpec, writeSpec } from "./yaml-spec.js";

const text = `# what we want to know
name: example
dataset: wdbc
base:
  epochs: 20 # few, to be quick
search:
  method: grid
  parameters: { optimizer: [ adam, sgd ] }
seeds: [ 0, 42 ]
`;

describe("a sweep document as text", () => {
  it("is read into the spec that the server would read", () => {
    const read = readSpec(text);
    expect(read.problems).toEqual([]);
    expect(read.spec).toMatchObject({ name: "example", seeds: [0, 42], base: { epochs: 20 } });
  });

  it("points mistakes out by line", () => {
    const wrong = text.replace("method: grid", "method: gird").replace("dataset:", "datasett:");
    expect(readSpec(wrong).problems.map(({ line, path }) => [line, path])).toEqual(
      expect.arrayContaining([
        [7, "search.method"],
        [3, "datasett"],
      ]),
    );
    expect(readSpec("name: x\nseeds: [0, 1\nbase: {}\n").problems[0]).toMatchObject({ path: "" });
    expect(readSpec("name: [x\n").problems[0]?.line).not.toBeNull();
  });

  it.each([
    ["a tab before a name", "base:\n\tepochs: 3\n", 2, /begins with a tab/],
    ["a name twice", "name: a\nname: b\n", 2, /appears twice/],
    ["two keys on a line", "name: a: b\n", 1, /two keys on one line/],
    ["an open bracket", "seeds: [0, 1\n", 2, /bracket is not closed/],
    ["another indent", "base:\n  epochs: 3\n optimizer: adam\n", 3, /not indented like/],
  ])("says in words what is wrong with %s", (_, wrong, line, words) => {
    const [problem] = readSpec(wrong).problems;
    expect(problem?.message).toMatch(words);
    expect(problem?.line).toBe(line);
  });

  it("says what is wrong with an alias inside what it stands for", () => {
    const { value, problems } = readSpec("name: x\nbase: &b { epochs: *b, more: *b }\n");
    expect(value).toBeNull();
    expect(problems).toMatchObject([{ path: "", message: expect.stringMatching(/\*b stands inside &b/) }]);
  });

  it("keeps comments and everything else when one field is edited", () => {
    const edited = editSpec(text, ["seeds"], [0, 42, 314]);
    expect(edited).toBe(text.replace("[ 0, 42 ]", "[ 0, 42, 314 ]"));
    expect(readSpec(editSpec(edited, ["base", "epochs"], 30)).spec?.base).toEqual({ epochs: 30 });
    expect(editSpec(text, ["base", "epochs"], 30)).toContain("# few, to be quick");
  });

  it("creates what is missing and removes what is taken away", () => {
    const grown = editSpec(text, ["modes", "deterministic", "repeats"], 2);
    expect(readSpec(grown).spec?.modes).toEqual({ deterministic: { repeats: 2 } });
    expect(readSpec(editSpec(grown, ["modes"], undefined)).value).toEqual(readSpec(text).value);
    expect(readSpec(editSpec("", ["name"], "fresh")).value).toEqual({ name: "fresh" });
  });

  it("names integers that no number holds, with their line, and leaves their digits alone", () => {
    const exact = `${text}resources: { threads: 9007199254740993 }\n`;
    const [problem] = readSpec(exact).problems;
    expect(problem).toMatchObject({ path: "resources.threads", value: "9007199254740993", line: 10 });
    expect(editSpec(exact, ["name"], "other")).toContain("9007199254740993");
  });

  it("takes merge keys, also while it is edited", () => {
    const merged =
      "name: x\ndataset: wdbc\nbase: &base { epochs: 3, shards: 4 }\nsearch:\n  method: list\n  configurations:\n    - { <<: *base, epochs: 5 }\n";
    expect(readSpec(merged).spec?.search).toMatchObject({ configurations: [{ epochs: 5, shards: 4 }] });
    expect(editSpec(merged, ["name"], "y")).toContain("<<: *base");
  });

  it("leaves text that is no YAML alone", () => {
    expect(editSpec("name: [x\n", ["name"], "y")).toBe("name: [x\n");
  });

  it("is written so that it reads back as it was", () => {
    const value = readSpec(text).value;
    expect(readSpec(writeSpec(value)).value).toEqual(value);
    expect(writeSpec(value)).toContain("seeds: [ 0, 42 ]");
  });
});

describe("a field", () => {
  it.each([
    [0.01, false, "0.01"],
    ["adam", false, "adam"],
    [[64, 64], false, "[64, 64]"],
    [["adam", "sgd"], true, "adam, sgd"],
    [[[64, 64], [128]], true, "[64, 64], [128]"],
    [null, false, "null"],
    ["0.5", false, '"0.5"'],
  ])("shows %j and reads it back", (value, list, shown) => {
    expect(fieldText(value, list)).toBe(shown);
    expect(fieldValue(shown, list)).toEqual({ value });
  });

  it("says when it cannot be read", () => {
    expect(fieldValue("[1, ", false)).toEqual({ problem: "not readable as a value" });
    expect(fieldValue("1, 9007199254740993", true)).toEqual({
      problem:
        "is an integer beyond ±(2^53 − 1), which JSON does not carry to the last digit: write it in quotation marks",
    });
  });
});
