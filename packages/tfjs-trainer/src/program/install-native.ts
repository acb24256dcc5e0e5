/**
 * `npx pnpm gpu:install`: fetches the native TensorFlow library (CUDA 11, cuDNN 8) that a plain install leaves out.
 * It comes from TensorFlow's own store, not from the package registry, so it needs the open internet.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const name = "@tensorflow/tfjs-node-gpu";
const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
const binding = join(folder, "lib", "napi-v8", "tfjs_binding.node");

spawnSync("npm", ["run", "install"], { cwd: folder, stdio: "inherit", shell: process.platform === "win32" });
if (existsSync(binding)) {
  console.log(`${name} is installed. \`npx pnpm reprise doctor\` says whether it works here.`);
} else {
  console.error(
    `${name}: the native library could not be fetched or built; see above. Nothing else is affected.`,
  );
  process.exitCode = 1;
}
