import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu/dist/backend_cpu.js";
import { backend, type DataId, enableProdMode, setBackend, type TensorInfo } from "@tensorflow/tfjs-core";
import { TrainerError } from "../../program/errors.js";
import { type HostBackend, sizeOf } from "./wasm-context.js";

/**
 * Starts TensorFlow.js's pure JavaScript backend in this thread. It has every kernel that training needs, and slow but
 * plain ones: the reference that others are checked against.
 */
export async function startCpuBackend(): Promise<HostBackend> {
  await import("@tensorflow/tfjs-backend-cpu");
  // Otherwise it prints an advertisement for the native backend with its first tensor.
  enableProdMode();
  if (!(await setBackend("cpu"))) throw new TrainerError("infrastructure", "The cpu backend does not start.");
  const cpu = backend() as MathBackendCPU;
  const numbersOf = (tensor: TensorInfo) => {
    const { values } = cpu.data.get(tensor.dataId as DataId);
    if (values instanceof Float32Array || values instanceof Int32Array) return values;
    throw new Error(`Expected numbers, got ${tensor.dtype}.`);
  };
  return {
    name: "cpu",
    kernelBackend: cpu,
    makeOutput(shape, dtype, _offset, values) {
      // The backend keeps the array it is given; the caller's may be shared memory that changes.
      const empty = () =>
        dtype === "int32" ? new Int32Array(sizeOf(shape)) : new Float32Array(sizeOf(shape));
      return cpu.makeTensorInfo(shape, dtype, values ? values.slice() : empty());
    },
    disposeData: (dataId) => void cpu.disposeData(dataId),
    typedArrayFromHeap: numbersOf,
  };
}
