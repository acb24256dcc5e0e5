import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { programVariable } from "../support/program.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = join(root, "docs/coming-from");

/** What the pages' commands name, and the source that stands for it. */
const places = {
  mlruns: "mlflow-3-file/mlruns",
  "mlflow.db": "mlflow-3-sqlite/mlflow.db",
  wandb: "wandb-0.31/wandb",
  exports: "wandb-csv",
  runs: "tensorboardx-scalars",
  csv: "keras-csv",
} as const;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-coming-from-"));
  const sources = join(folder, "sources");
  execFileSync("mkdir", [sources]);
  execFileSync("tar", ["-xzf", join(root, "test/golden/imports/sources.tar.gz"), "-C", sources]);
  for (const [name, source] of Object.entries(places))
    cpSync(join(sources, source), join(folder, name), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const commands = readdirSync(pages).flatMap((page) =>
  [...readFileSync(join(pages, page), "utf8").matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
    block
      .trim()
      .split("\n")
      .map((command) => ({ page, command })),
  ),
);
const previews = commands.filter(({ command }) => command.endsWith(" --dry-run"));

it("every page shows a preview first, then the import of one it previewed", () => {
  for (const page of readdirSync(pages)) {
    const own = commands.filter((entry) => entry.page === page).map(({ command }) => command);
    expect(own[0], page).toMatch(/^reprise import \S+ --dry-run$/);
    const imports = own.filter((command) => !command.endsWith("--dry-run"));
    expect(imports, page).toHaveLength(1);
    expect(own, page).toContain(`${imports[0]} --dry-run`);
  }
});

it.each(previews)("$page: $command", ({ command }) => {
  const [, ...words] = command.split(" ");
  const output = execFileSync(process.execPath, [process.env[programVariable] ?? "", ...words], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(output).toMatch(/: 13 runs/);
});
