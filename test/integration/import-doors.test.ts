import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { importAnswer, pageOf, run as runSchema, sweep } from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { madeStudy, writeMlflowStudy } from "../support/foreign-study.js";
import { programVariable } from "../support/program.js";
import { python, pythonPackage } from "../support/python.js";
import { reprise } from "../support/start-reprise.js";
import { type ApiUnderTest, startTestApi } from "./api-harness.js";

let api: ApiUnderTest;
let url: string;
let folder: string;
const all = madeStudy();

beforeAll(async () => {
  api = await startTestApi();
  url = await api.app.listen({ host: "127.0.0.1", port: 0 });
  folder = mkdtempSync(join(tmpdir(), "reprise-doors-"));
  writeMlflowStudy(join(folder, "some"), all.slice(0, 20));
  writeMlflowStudy(join(folder, "all"), all);
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

async function command(...words: string[]): Promise<{ code: number | null; printed: string }> {
  const started = reprise(["import", ...words], { REPRISE_URL: url });
  const [code] = await once(started.process, "close");
  return { code, printed: started.printed() };
}
const studyNamed = async (name: string) =>
  (await api.get("/sweeps", pageOf(sweep))).items.find((study) => study.name === name);

describe("runs of another tracker by the command line", () => {
  it("follow the answers in a file, go into the study that is named, and name a wrong answer's field", async () => {
    const map = join(folder, "answers.yaml");
    writeFileSync(map, "seed: sed\nname: mapped\n");
    const wrong = await command(join(folder, "some"), "--map", map);
    expect([wrong.code, wrong.printed]).toEqual([
      2,
      expect.stringMatching(/seed: there is no column "sed".*seed/),
    ]);
    writeFileSync(map, "metrik: { name: val_acc }\n");
    expect((await command(join(folder, "some"), "--map", map)).printed).toContain(`${map}: metrik`);
    expect(await studyNamed("mapped")).toBeUndefined();

    writeFileSync(
      map,
      "name: mapped\nconfiguration: [optimizer]\nmetric: { name: train_loss, direction: minimize, at: best }\n",
    );
    const first = await command(join(folder, "some"), "--map", map, "--json");
    expect(first.code, first.printed).toBe(0);
    const answer = importAnswer.parse(JSON.parse(first.printed.trim().split("\n").at(-1) ?? ""));
    expect(answer.studies).toMatchObject([{ name: "mapped", isNew: true, added: 20 }]);
    const study = await studyNamed("mapped");
    expect(study?.spec).toMatchObject({ objective: { metric: "train_loss", direction: "minimize" } });

    const second = await command(join(folder, "all"), "--yes", "--into", "mapped");
    expect(second.printed).toContain("mapped: 10 runs added, 20 were there already");
    expect((await studyNamed("mapped"))?.totalRuns).toBe(30);
  });

  it("ask nobody where nobody is there, and say so", async () => {
    const { code, printed } = await command(join(folder, "some"));
    expect(code).toBe(2);
    expect(printed).toMatch(/not interactive: .*--map.*--yes.*Nothing was written/);
  });

  // util-linux has it; it gives a program a terminal.
  const missing = existsSync("/usr/bin/script")
    ? null
    : "no /usr/bin/script, which gives a program a terminal";
  it.skipIf(missing !== null)(
    `ask each question once on a terminal${missing === null ? "" : `: ${missing}`}`,
    async () => {
      const words = [
        process.env[programVariable] ?? "",
        "import",
        join(folder, "all"),
        "--into",
        "new",
        "--name",
        "asked",
      ];
      const line = [process.execPath, ...words].map((word) => `'${word}'`).join(" ");
      const child = spawn("/usr/bin/script", ["-qefc", line, "/dev/null"], {
        env: { ...process.env, REPRISE_URL: url, TERM: "dumb" },
        stdio: ["pipe", "pipe", "inherit"],
      });
      let printed = "";
      child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
      const closed = once(child, "close");
      const answers: [prompt: RegExp, answer: string][] = [
        [/is the seed[\s\S]*column, none, or Enter: /, ""],
        [/was executed[\s\S]*column, none, or Enter: /, "none"],
        [/columns with commas between them, or Enter: /, "optimizer, deterministic"],
        [/metric, or Enter: /, "train_loss"],
        [/is larger or smaller better\? \(Enter: smaller\): /, ""],
        [/its last value or its best\?[^:]*: /, "best"],
      ];
      let from = 0;
      for (const [prompt, answer] of answers) {
        const match = await vi.waitUntil(() => prompt.exec(printed.slice(from)), {
          timeout: 60_000,
          interval: 20,
        });
        from += match.index + match[0].length;
        child.stdin.write(`${answer}\n`);
      }
      const [code] = await closed;
      expect(code, printed).toBe(0);
      expect(printed).toContain("asked: 30 runs added");
      const study = await studyNamed("asked");
      expect(study?.origin?.decisions).toEqual({
        ...{ name: "asked", arm: null, configuration: ["optimizer", "deterministic"] },
        metric: { name: "train_loss", direction: "minimize", at: "best" },
      });
      const { items } = await api.get(`/runs?sweepId=${study?.id}&limit=100`, pageOf(runSchema));
      expect(new Set(items.map(({ configurationKey }) => configurationKey)).size).toBe(4);
    },
  );
});

it("runs of another tracker come by Python, from a folder, a proposal first", async () => {
  const program = `
from reprise import Reprise
api = Reprise("${url}")
seen = api.import_runs("${join(folder, "all")}", dry_run=True)
assert seen["found"]["runs"] == 30 and seen["proposal"]["arm"] == "deterministic", seen["proposal"]["arm"]
try:
    api.import_runs("${join(folder, "absent")}")
except FileNotFoundError as error:
    assert "absent" in str(error)
else:
    raise AssertionError("a folder that is not there was taken")
answer = api.import_runs("${join(folder, "all")}", decisions={"name": "by Python"}, into="new")
again = api.import_runs("${join(folder, "all")}")
print(answer["studies"][0]["added"], again["studies"][0]["skipped"])
`;
  const env = { ...process.env, PYTHONPATH: pythonPackage };
  const { stdout } = await promisify(execFile)(python, ["-c", program], { env });
  expect(stdout.trim()).toBe("30 30");
  expect((await studyNamed("by Python"))?.totalRuns).toBe(30);
});
