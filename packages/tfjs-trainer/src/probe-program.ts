/**
 * Run in a child process: loads one TensorFlow.js backend, takes a training step on it and checks the gradient by hand.
 * Prints one JSON line. A backend may crash its process; that is why it gets its own.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";

const require = createRequire(import.meta.url);

/** Loads a native package only when its binding is there: a failed require still registers its kernels. */
function loadNative(name: string): void {
  const binding = join(
    dirname(require.resolve(`${name}/package.json`)),
    "lib",
    "napi-v8",
    "tfjs_binding.node",
  );
  if (!existsSync(binding))
    throw new Error(
      `the native TensorFlow library is not installed${name.endsWith("gpu") ? " (npx pnpm gpu:install)" : ""}`,
    );
  require(name);
}

const loaders: Record<string, () => Promise<string>> = {
  cpu: async () => {
    await import("@tensorflow/tfjs-backend-cpu");
    return "cpu";
  },
  wasm: async () => {
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
    setWasmPaths(fileURLToPath(new URL(".", import.meta.url)));
    return "wasm";
  },
  node: async () => {
    loadNative("@tensorflow/tfjs-node");
    return "tensorflow";
  },
  "node-gpu": async () => {
    loadNative("@tensorflow/tfjs-node-gpu");
    return "tensorflow";
  },
  webgpu: async () => {
    throw new Error("the WebGPU backend is not part of this version");
  },
};

/** d/dw mean((xw − y)²) at w = 0 for x = (1, 2, 3), y = (2, 4, 6) is −2·mean(x·y) = −56/3. */
function gradientError(): number {
  const gradient = tf.tidy(() => {
    const x = tf.tensor2d([1, 2, 3], [3, 1]);
    const y = tf.tensor2d([2, 4, 6], [3, 1]);
    const loss = (w: tf.Tensor) => tf.mean(tf.squaredDifference(tf.matMul(x, w), y));
    return tf
      .grad(loss)(tf.tensor2d([0], [1, 1]))
      .dataSync()[0];
  });
  return Math.abs((gradient ?? Number.NaN) + 56 / 3);
}

const name = process.argv[2] ?? "";
try {
  const load = loaders[name];
  if (!load) throw new Error(`there is no backend ${name}`);
  const backend = await load();
  if (!(await tf.setBackend(backend))) throw new Error("the backend could not be initialised");
  await tf.ready();
  const error = gradientError();
  if (!(error < 1e-4)) throw new Error(`its gradient is off by ${error}`);
  console.log(JSON.stringify({ works: true, detail: `gradient within ${error.toExponential(1)}` }));
} catch (error) {
  console.log(
    JSON.stringify({
      works: false,
      detail: error instanceof Error ? error.message.split("\n")[0] : String(error),
    }),
  );
}
process.exit(0);
