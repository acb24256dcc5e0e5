import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { getPreset } from "@reprise/study";
import { afterAll, describe, expect, it } from "vitest";
import { commands } from "../../apps/cli/src/commands/all.js";
import { reprise } from "../support/start-reprise.js";

async function run(...words: string[]): Promise<{ code: number | null; printed: string }> {
  const started = reprise(words, { REPRISE_URL: "http://127.0.0.1:9" });
  const [code] = await once(started.process, "close");
  return { code, printed: started.printed() };
}

describe("the command line", () => {
  const folder = mkdtempSync(join(tmpdir(), "reprise-cli-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it("lists its commands, loads the one that is named, and takes a misspelt one for what was meant", async () => {
    const help = await run("--help");
    for (const { words, description } of commands)
      expect(help.printed.replace(/\s+/g, " ")).toContain(`${words} ${description}`);
    expect((await run("help", "export")).printed).toMatch(/--crate[\s\S]*Analyses: determinism,/);
    expect(await run("exprot")).toEqual({ code: 2, printed: expect.stringMatching("Did you mean export?") });
  });

  it("lists a preset's runs without a server", async () => {
    const { code, printed } = await run("sweep", "plan", "quickstart");
    expect(code).toBe(0);
    expect(printed.split("\n").filter((line) => / seed (0|42) /.test(line))).toHaveLength(28);
    expect(printed).toMatch(/^adam · lr 0\.01 +adam +0\.01$/m);
    expect(printed).toMatch(/28 runs\s*$/);
  });

  it.each(["cifar10", "sdnet2018", "cbis-ddsm"])(
    "says beside the runs of %s what differs from the published study",
    async (name) => {
      const preset = getPreset(`cuda-randomness/${name}`);
      if (!preset.ok) throw new Error(name);
      const { source, deviations } = preset.value;
      const { code, printed } = await run("sweep", "plan", `cuda-randomness/${name}`);
      expect(code, printed).toBe(0);
      const lines = deviations.flatMap(({ what, paper, here }) => [
        `  ${what}`,
        `    published  ${paper}`,
        `    here       ${here}`,
      ]);
      expect(lines.length).toBeGreaterThan(0);
      expect(printed.trimEnd()).toMatch(/^\d+ runs$/m);
      expect(printed.split("\n")).toEqual(
        expect.arrayContaining([`What differs from the published study (${source}):`, ...lines]),
      );
    },
  );

  it("counts one run as one", async () => {
    const text = "name: one\ndataset: wdbc\nbase: { model: mlp }\n";
    const { printed } = await run("sweep", "plan", file("one.yaml", text));
    expect(printed).toMatch(/^1 run$/m);
  });

  it("names every preset once where none is meant", async () => {
    const { printed } = await run("sweep", "plan", "nothing-like-it");
    expect(printed.split("clip/all")).toHaveLength(2);
  });

  describe("trainer check", () => {
    const shell = fileURLToPath(new URL("../contract/trainers/tiny-trainer.sh", import.meta.url));
    const config = () =>
      file(
        "worker.yaml",
        JSON.stringify({
          trainers: [
            { name: "mine", command: `sh "${shell}" --epochs {epochs} --pause {pause} --seed {seed}` },
            { name: "broken", command: `sh -c 'echo no data >&2; exit 3' {epochs}` },
          ],
        }),
      );

    it("holds a program of the worker's file against what a worker needs, and says what evidence is missing", async () => {
      const words = ["trainer", "check", "mine", "--config", config()];
      const { code, printed } = await run(
        ...words,
        "--set",
        "epochs=2",
        "--long",
        "epochs=10000",
        "--long",
        "pause=0.01",
      );
      expect(code, printed).toBe(0);
      expect(printed).toMatch(/^✓ describes itself +epochs, pause$/m);
      expect(printed).toMatch(/^✓ repeats to the bit in a deterministic arm +digest [0-9a-f]{8}, twice$/m);
      expect(printed).toMatch(
        /^– is observed from inside +no setting of its process is seen\n {4}Settings and seeds/m,
      );
      expect(printed).toContain("A worker can use it.");
    });

    it("fails where something is missing that a worker needs", async () => {
      const { code, printed } = await run(
        "trainer",
        "check",
        "broken",
        "--config",
        config(),
        "--set",
        "epochs=2",
      );
      expect(code, printed).toBe(1);
      expect(printed).toMatch(/^✗ trains a run to its end +the run failed: .*exit code 3/m);
    });
  });

  it.each([
    [["trainer", "check", "nothing"], /"nothing" is not a trainer, and no command line.*Known: tfjs/],
    [["trainer", "check", "train {lr"], /brace without its other one/],
    [["trainer", "check", "sh x {lr}", "--set", "lr"], /"lr" is not a hyperparameter with a value/],
    [["strat"], /unknown command 'strat'[\s\S]*Did you mean start/],
    [["start", "--prot", "4000"], /unknown option '--prot'[\s\S]*Did you mean --port/],
    [["start", "--port", "99999999"], /port is a whole number from 1 to 65535/],
    [["start", "--demo", "big"], /Allowed choices are quickstart, none/],
    [["sweep", "plan", "quikstart"], /quikstart[\s\S]*Did you mean "quickstart"/],
    [["sweep", "plan", "absent.yaml"], /there is no file absent\.yaml/],
    [
      ["sweep", "plan", "README.md"],
      /README\.md is not a preset, and a file of a study ends in \.yaml or \.json/,
    ],
    [["sweep", "run", "quickstart"], /No Reprise answers at http:\/\/127\.0\.0\.1:9.*npx pnpm start/],
    [["sweep", "list", "--sever", "x"], /unknown option '--sever'[\s\S]*Did you mean --server/],
    [["sweep", "list", "--server", "http://127.0.0.1:x"], /is not an address of a server.*http:\/\/127/],
    [
      ["sweep", "status", "quickstart", "--server", "127.0.0.1:8"],
      /No Reprise answers at http:\/\/127\.0\.0\.1:8/,
    ],
    [["export", "0", "significanse"], /Did you mean "significance"/],
    [["export", "0"], /name an analysis .* or the runs with --runs, or all with --crate/],
    [["import", "absent.zip"], /there is no file absent\.zip/],
  ])("answers %j with one clear message and exit code 2", async (words, message) => {
    const { code, printed } = await run(...words);
    expect(printed).toMatch(message);
    expect(code).toBe(2);
  });

  it.each([
    ["nothing in it", "", /broken\.yaml holds no study: .*name, dataset and base/],
    ["an unknown key", "name: x\ndataset: wdbc\nbse: {}\n", /bse: unknown key\. Did you mean "base"/],
    ["YAML that is none", "name: [x\n", /broken.*:.*line 2|Flow sequence/],
    [
      "a grid of 10^9 runs",
      `name: x\ndataset: wdbc\nsearch: { method: grid, parameters: { ${["epochs", "batchSize", "shards"].map((key) => `${key}: { min: 1, max: 1000, steps: 1000 }`).join(", ")} } }\n`,
      /1[,.  ]?000[,.  ]?000[,.  ]?000/,
    ],
  ])("refuses a file with %s", async (_what, text, message) => {
    const { code, printed } = await run("sweep", "plan", file("broken.yaml", text));
    expect(printed).toMatch(message);
    expect(code).toBe(2);
  });
});
