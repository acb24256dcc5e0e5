import { Add, type TensorInfo } from "@tensorflow/tfjs-core";
import { callKernel, type HostBackend } from "./kernels/wasm-context.js";

/** A tensor within a computation. */
export type Value = {
  readonly tensor: TensorInfo;
  /** Whether the result's gradient towards it is wanted. */
  readonly tracked: boolean;
  gradient: TensorInfo | null;
};

/**
 * Reverse-mode differentiation directly over TensorFlow.js kernels. The engine's own tape copies, filters and scopes
 * every op, which for layers of 64 units costs several times the arithmetic; this one holds a list of closures
 * and releases all memory at once.
 */
export type Tape = {
  readonly backend: HostBackend;
  /** A tensor that the caller owns and no gradient is wanted for. */
  constant(tensor: TensorInfo): Value;
  /** A tensor that the caller owns and whose gradient is wanted. */
  parameter(tensor: TensorInfo): Value;
  /** Hands a tensor to the tape, which releases it in the end. */
  own(tensor: TensorInfo): TensorInfo;
  /**
   * The result of an op. `backward` receives the gradient of the result and gives those of the tracked inputs; it is
   * called at most once, and only if an input is tracked.
   */
  record(tensor: TensorInfo, inputs: readonly Value[], backward: (dy: TensorInfo) => void): Value;
  /** Adds to the gradient of a value; the tape owns the tensor from here on. */
  give(value: Value, gradient: TensorInfo): void;
  /** Runs all recorded ops backwards, starting with the given gradient of the last result. */
  backward(result: Value, gradient: TensorInfo): void;
  /** Zeros to compute with, the tape's until its release. */
  numbers(length: number): Float64Array;
  /** Releases everything the tape owns. */
  release(): void;
};

/** Arrays that tapes use one after another: allocating them anew cost a tenth of a small network's step. */
export type NumbersPool = Map<number, Float64Array[]>;

export function createTape(backend: HostBackend, pool: NumbersPool = new Map()): Tape {
  const borrowed: Float64Array[] = [];
  const owned: TensorInfo[] = [];
  const recorded: { value: Value; backward: (dy: TensorInfo) => void }[] = [];
  const own = (tensor: TensorInfo) => {
    owned.push(tensor);
    return tensor;
  };
  return {
    backend,
    own,
    constant: (tensor) => ({ tensor, tracked: false, gradient: null }),
    parameter: (tensor) => ({ tensor, tracked: true, gradient: null }),
    record(tensor, inputs, backward) {
      const value: Value = {
        tensor: own(tensor),
        tracked: inputs.some((input) => input.tracked),
        gradient: null,
      };
      if (value.tracked) recorded.push({ value, backward });
      return value;
    },
    give(value, gradient) {
      own(gradient);
      value.gradient = value.gradient
        ? own(callKernel(backend, Add, { a: value.gradient, b: gradient }))
        : gradient;
    },
    backward(result, gradient) {
      result.gradient = own(gradient);
      for (let i = recorded.length - 1; i >= 0; i--) {
        const step = recorded[i];
        if (step?.value.gradient) step.backward(step.value.gradient);
      }
    },
    numbers(length) {
      const array = pool.get(length)?.pop()?.fill(0) ?? new Float64Array(length);
      borrowed.push(array);
      return array;
    },
    release() {
      for (const array of borrowed) {
        const free = pool.get(array.length);
        if (free) free.push(array);
        else pool.set(array.length, [array]);
      }
      borrowed.length = 0;
      for (const tensor of owned) backend.disposeData(tensor.dataId);
      owned.length = 0;
      recorded.length = 0;
    },
  };
}
