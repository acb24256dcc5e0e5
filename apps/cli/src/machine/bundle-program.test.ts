import { execFile } from "node:child_process";
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { installationRoot } from "../paths.js";
import { banner, bundleInto } from "./bundle-program.js";
import { programBundle } from "./program-bundle.mjs";

const node = (words: string[]) => promisify(execFile)(process.execPath, words);

test("a trainer that is built by the bundle starts", async () => {
  const folder = join(programBundle().folder, `test.${process.pid}`);
  try {
    await bundleInto(folder, "in place", { build: "packages/tfjs-trainer/src/program/build.ts" });
    const [builder, trainer] = [pathToFileURL(join(folder, "build.js")), join(folder, "trainer")];
    const program = `const { bundle } = await import("${builder}"); await bundle(["src/program/main.ts"], ${JSON.stringify(trainer)});`;
    await node(["--input-type=module", "--eval", program]);
    for (const data of ["datasets", "vocabularies"])
      symlinkSync(join(installationRoot, "packages/tfjs-trainer", data), join(trainer, data));
    const { stdout } = await node([join(trainer, "main.js"), "--describe"]);
    expect(JSON.parse(stdout)).toMatchObject({ name: "tfjs", startsAhead: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a bundle that a bundle writes, as when sources change while a program starts, begins as this one does", async () => {
  const folder = join(programBundle().folder, `test.${process.pid}`);
  try {
    await bundleInto(folder, "in place", { bundler: "apps/cli/src/machine/bundle-program.ts" });
    const written = pathToFileURL(join(folder, "bundler.js"));
    const program = `console.log((await import("${written}")).banner)`;
    const { stdout } = await node(["--input-type=module", "--eval", program]);
    expect(stdout.trim()).toBe(banner);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
