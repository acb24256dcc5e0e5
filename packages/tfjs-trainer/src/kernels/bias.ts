import { type KernelFunc, registerGradient, registerKernel, type Tensor } from "@tensorflow/tfjs-core";
import {
  dimension,
  floatView,
  input,
  runOp,
  runOps,
  savedTensor,
  single,
  wasmBackend,
} from "./wasm-context.js";

const biasKernel = "RepriseBias";
const gradientKernel = "RepriseBiasGradient";

/** x + bias along the last axis, then an optional ReLU. Shapes: x [..., channels], bias [channels]. */
export function addBias(x: Tensor, bias: Tensor, { relu }: { relu: boolean }): Tensor {
  return runOp(biasKernel, { x, bias }, { relu });
}

const forward: KernelFunc = (args) => {
  const backend = wasmBackend(args.backend);
  const x = input(args, "x");
  const channels = dimension(x.shape, -1);
  const floor = args.attrs?.relu ? 0 : Number.NEGATIVE_INFINITY;
  const y = backend.makeOutput(x.shape, "float32");
  const xs = floatView(backend, x);
  const ys = floatView(backend, y);
  const biases = floatView(backend, input(args, "bias"));
  for (let i = 0; i < xs.length; ) {
    for (let c = 0; c < channels; c++, i++) {
      const value = (xs[i] as number) + (biases[c] as number);
      ys[i] = Math.max(value, floor);
    }
  }
  return y;
};

/** results: dx like x (dy where the ReLU let it pass), dbias [channels] (column sums in float64, top to bottom). */
const backward: KernelFunc = (args) => {
  const backend = wasmBackend(args.backend);
  const y = input(args, "y");
  const channels = dimension(y.shape, -1);
  const relu = Boolean(args.attrs?.relu);
  const dx = backend.makeOutput(y.shape, "float32");
  const dbias = backend.makeOutput([channels], "float32");
  const ys = floatView(backend, y);
  const dys = floatView(backend, input(args, "dy"));
  const dxs = floatView(backend, dx);
  const sums = new Float64Array(channels);
  for (let i = 0; i < ys.length; ) {
    for (let c = 0; c < channels; c++, i++) {
      const dy = relu && (ys[i] as number) <= 0 ? 0 : (dys[i] as number);
      dxs[i] = dy;
      sums[c] = (sums[c] as number) + dy;
    }
  }
  floatView(backend, dbias).set(sums);
  return [dx, dbias];
};

export function registerBias(): void {
  registerKernel({ kernelName: biasKernel, backendName: "wasm", kernelFunc: forward });
  registerKernel({ kernelName: gradientKernel, backendName: "wasm", kernelFunc: backward });
  registerGradient({
    kernelName: biasKernel,
    outputsToSave: [true],
    gradFunc: (dy, saved, attrs) => {
      const [dx, dbias] = runOps(
        gradientKernel,
        { dy: single(dy), y: savedTensor(saved, 0) },
        { relu: attrs.relu },
      );
      if (!dx || !dbias) throw new Error(`${gradientKernel} returned too few tensors.`);
      return { x: () => dx, bias: () => dbias };
    },
  });
}
