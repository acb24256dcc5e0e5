import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { python as ownPython, pythonPackage } from "../support/python.js";
import { dataFolder, type RunningReprise, startReprise } from "../support/start-reprise.js";

const run = promisify(execFile);
const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

/** The README's block in that language which is marked as executed here. */
function block(language: string, what = ""): string {
  const found = new RegExp(
    `<!-- executed by test/integration/notebook.test.ts${what} -->\n\`\`\`${language}\n([\\s\\S]*?)\`\`\``,
  ).exec(readme)?.[1];
  if (!found) throw new Error(`the README has no executed block in ${language}`);
  return found;
}

const python = spawnSync("python3", ["--version"]).status === 0;
const runNotebook = fileURLToPath(new URL("../support/run-notebook.py", import.meta.url));
const examples = fileURLToPath(new URL("../../packages/python/examples/", import.meta.url));

const refusals = `
import math
from reprise import Reprise, RepriseError

api = Reprise()
try:
    api.launch({"name": "x", "dataset": "wdbc", "base": {"epohs": 3}})
except RepriseError as error:
    print(error.status, error.type, error.errors[0]["path"], error)
try:
    api.launch("studyy.yaml")
except FileNotFoundError as error:
    print(error)
try:
    with api.log_run(name="broken") as run:
        run.log(1, loss=math.nan, norm=math.inf)
        raise ValueError("the data are gone")
except ValueError:
    broken = api.run(run.id)
    print(broken["status"], broken["error"]["message"])
    print(*(api.history(run.id, key)[1][0] for key in ("loss", "norm")))
study = api.launch("""
name: planned
trainer: external
dataset: slides
order: listed
search: { method: grid, parameters: { learningRate: [0.1, 0.2] } }
""")
rates = []
for _ in range(2):
    run = api.ask(study)
    rates.append(str(run.params["learningRate"]))
    run.series(validationAccuracy=([3, 2, 1, 3], [0.9, 0.5, 0.1, 0.8]))
    run.tell(testAccuracy=0.5)
print(api.histories(run.id), api.histories(run.id, superseded=True))
told = api.run(run.id)["summary"]
print(told["validationAccuracy"]["last"], told["testAccuracy"]["final"], api.table(study)[1]["metrics.testAccuracy"])
try:
    api.ask(study)
except RepriseError as error:
    print("asked", " then ".join(rates), "then nothing")
try:
    Reprise("http://127.0.0.1:9", retries=0).runs()
except ConnectionError as error:
    print(error)
`;

describe("the README's notebook lines and the example notebooks", () => {
  const data = dataFolder();
  const scratch = mkdtempSync(join(tmpdir(), "reprise-notebook-"));
  let server: RunningReprise;
  beforeAll(async () => {
    server = await startReprise(["--data", data.path]);
  });
  afterAll(async () => {
    await server?.stop();
    data.remove();
    rmSync(scratch, { recursive: true });
  });

  async function execute(program: string, file: string, code: string): Promise<string> {
    const path = join(scratch, file);
    writeFileSync(path, code);
    const { stdout } = await run(program, [path], {
      env: { ...process.env, REPRISE_URL: server.url, PYTHONPATH: pythonPackage },
      cwd: scratch,
      timeout: 100_000,
    });
    return stdout;
  }

  /** All that the cells of an example show; skipped with the way to get what it imports where that is missing. */
  async function example(name: string, libraries: string[], skip: (why: string) => void): Promise<string> {
    // Looked for, not imported: that takes seconds.
    const look = `import importlib.util as u; raise SystemExit(None in map(u.find_spec, ${JSON.stringify(libraries)}))`;
    const has = spawnSync(ownPython, ["-c", look]).status === 0;
    if (!has)
      skip(`${ownPython} has not all of ${libraries.join(", ")} (pip install ${libraries.join(" ")})`);
    const { stdout } = await run(ownPython, [runNotebook, join(examples, `${name}.ipynb`)], {
      env: {
        ...process.env,
        REPRISE_URL: server.url,
        REPRISE_SPOOL: join(scratch, "spool"),
        PYTHONPATH: pythonPackage,
        MPLBACKEND: "Agg",
      },
      cwd: scratch,
      timeout: 200_000,
    });
    return stdout;
  }

  it("the example of a study shows its verdict, figures, tables and a verification", async ({ skip }) => {
    const shown = await example("study", ["pandas", "matplotlib"], skip);
    expect(shown).toContain("from an example</a></b>: succeeded (10 succeeded)");
    expect(shown).toMatch(/how we know/);
    expect(shown).toMatch(/\[4\] <Axes: title=/);
    expect(shown).toMatch(/params.learningRate/);
    expect(shown).toContain("bit-identical: ");
  }, 240_000);

  it("the example of Optuna keeps every trial, and leaves pruned ones out with their step", async ({
    skip,
  }) => {
    const shown = await example("optuna-pruning", ["optuna"], skip);
    expect(shown).toMatch(/\[\d+(, \d+)*\]/);
    expect(shown).toMatch(/'learningRate': 0\.0/);
  }, 240_000);

  it("the example of a captured training is observed and goes to the server", async ({ skip }) => {
    const shown = await example("capture-pytorch", ["torch", "numpy"], skip);
    expect(shown).toContain("'algorithms': 'observed'");
  }, 240_000);

  it("launch, wait, tabulate and read a history in JavaScript", async () => {
    const printed = await execute(process.execPath, "notebook.mjs", block("js"));
    expect(printed.match(/'det'/g)).toHaveLength(2);
    expect(printed.match(/'free'/g)).toHaveLength(2);
    const digests = [...printed.matchAll(/'det' +│ +'([0-9a-f]{64})'/g)].map((match) => match[1]);
    expect(digests).toHaveLength(2);
    expect(new Set(digests).size).toBe(1);
    expect(printed).toMatch(/\[\s*(0\.\d+,?\s*){5}\]/);
  });

  it("do the same in Python", async ({ skip }) => {
    if (!python) skip("python3 is not on the PATH (Debian: apt-get install python3)");
    const printed = await execute("python3", "notebook.py", block("python"));
    expect(printed.match(/'arm': 'det'/g)).toHaveLength(2);
    expect(printed).toMatch(/\(5, 0\.\d+\)\]/);
  });

  it("do it with the Python client: launch, wait, tabulate, compare, export, archive, log a run", async ({
    skip,
  }) => {
    if (!python) skip("python3 is not on the PATH (Debian: apt-get install python3)");
    const printed = await execute("python3", "client.py", block("python", ": client"));
    const rows = [...printed.matchAll(/^(det|free) ([0-9a-f]{8}) 0\.\d+$/gm)];
    expect(rows.map(([, arm]) => arm).toSorted()).toEqual(["det", "det", "free", "free"]);
    expect(new Set(rows.filter(([, arm]) => arm === "det").map(([, , digest]) => digest)).size).toBe(1);
    expect(printed).toMatch(/^succeeded: 4 succeeded$/m);
    expect(printed).toContain("succeeded ([1, 2, 3], [1.0, 0.5, 0.3333333333333333])");
    expect(readFileSync(join(scratch, "determinism.tex"), "utf8")).toContain("\\toprule");
    expect(readFileSync(join(scratch, "study.crate.zip")).subarray(0, 2).toString()).toBe("PK");
  });

  it("says in Python what was refused, logs a failure as one, and hands out planned runs", async ({
    skip,
  }) => {
    if (!python) skip("python3 is not on the PATH (Debian: apt-get install python3)");
    const printed = await execute("python3", "refusals.py", refusals);
    expect(printed).toMatch(/^422 invalid-sweep-spec base\.epohs [\s\S]*Did you mean "epochs"/m);
    expect(printed).toContain("No such file or directory: 'studyy.yaml'");
    expect(printed).toContain("failed ValueError: the data are gone");
    expect(printed).toContain("nan inf");
    expect(printed).toContain("asked 0.1 then 0.2 then nothing");
    const [read, replaced] = ["([1, 2, 3], [0.1, 0.5, 0.8])", "([3], [0.9])"];
    expect(printed).toContain(`{'validationAccuracy': ${read}} {'validationAccuracy': ${replaced}}`);
    expect(printed).toContain("0.8 0.5 0.5");
    expect(printed).toMatch(/no Reprise answers at http:\/\/127\.0\.0\.1:9: .*pnpm start.*REPRISE_URL/);
  });
});
