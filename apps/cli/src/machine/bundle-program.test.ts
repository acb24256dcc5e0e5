import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { installationRoot } from "../paths.js";
import { sourcePlaces } from "./bundle-program.js";

test("a trainer that is built by the bundle is the one that the sources build", () => {
  const path = join(installationRoot, "packages/tfjs-trainer/src/program/build.ts");
  const banner = /const banner = `[^`]*`/;
  const written = readFileSync(path, "utf8");
  expect(written).toMatch(banner);
  expect(banner.exec(sourcePlaces(written, path))?.[0]).toBe(banner.exec(written)?.[0]);
});
