import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

export const nativePackages = {
  node: "@tensorflow/tfjs-node",
  "node-gpu": "@tensorflow/tfjs-node-gpu",
} as const;
export type NativeName = keyof typeof nativePackages;

/** Why the native library cannot be loaded, or null. Cheap: it looks for the file and loads nothing. */
export function missingNative(name: NativeName): string | null {
  try {
    const folder = dirname(require.resolve(`${nativePackages[name]}/package.json`));
    if (existsSync(join(folder, "lib", "napi-v8", "tfjs_binding.node"))) return null;
  } catch {
    return `the package ${nativePackages[name]} is not installed`;
  }
  const way = name === "node-gpu" ? " (npx pnpm gpu:install)" : "";
  return `the native TensorFlow library is not installed${way}`;
}
