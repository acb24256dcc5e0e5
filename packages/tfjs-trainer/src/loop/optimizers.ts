import type { EffectiveHyperparameters } from "../hyperparameters/table.js";
import type { Layout } from "./layout.js";

/** Changes `parameters` in place by one step. `gradient` is as long as the trained part; it may be overwritten. */
export type Optimizer = {
  /** What a checkpoint must keep, named. */
  state: Record<string, Float32Array>;
  /** `step` counts from 0. */
  update(parameters: Float32Array, gradient: Float32Array, at: { learningRate: number; step: number }): void;
};

export type OptimizerOptions = Pick<
  EffectiveHyperparameters,
  | "optimizer"
  | "momentum"
  | "nesterov"
  | "beta1"
  | "beta2"
  | "epsilon"
  | "amsgrad"
  | "weightDecay"
  | "decayedParameters"
  | "clipNorm"
>;

/**
 * The optimizer of a configuration, as plain loops over the flat parameter vector in float64 with float32 state: for
 * small networks an op per tensor and operation would cost more than the arithmetic.
 * Sources: Sutskever et al. (2013) in PyTorch's form (sgd), Kingma & Ba (2015) (adam), Reddi et al. (2018) (amsgrad),
 * Loshchilov & Hutter (2019) (adamw). Each follows the
 * trajectory that PyTorch computes (`reference/make-trajectories.py`) within float32 error.
 */
export function createOptimizer(options: OptimizerOptions, layout: Layout): Optimizer {
  const decay = new Float32Array(layout.trained);
  for (const { role, offset, size } of layout.tensors)
    if (role === "weight" || options.decayedParameters === "all") decay.fill(1, offset, offset + size);
  const method = options.optimizer === "sgd" ? sgd(options, decay) : adam(options, decay);
  const { clipNorm } = options;
  if (clipNorm === null) return method;
  return {
    state: method.state,
    update(parameters, gradient, at) {
      clip(gradient, clipNorm);
      method.update(parameters, gradient, at);
    },
  };
}

/** Scales the gradient down to the given Euclidean norm if it is longer. */
function clip(gradient: Float32Array, limit: number): void {
  let square = 0;
  for (let i = 0; i < gradient.length; i++) square += (gradient[i] as number) ** 2;
  const norm = Math.sqrt(square);
  if (!(norm > limit)) return;
  const factor = limit / norm;
  for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] as number) * factor;
}

function sgd({ momentum, nesterov, weightDecay }: OptimizerOptions, decay: Float32Array): Optimizer {
  const velocity = new Float32Array(decay.length);
  return {
    state: { velocity },
    update(parameters, gradient, { learningRate }) {
      for (let i = 0; i < velocity.length; i++) {
        const w = parameters[i] as number;
        const g = (gradient[i] as number) + weightDecay * (decay[i] as number) * w;
        const v = momentum * (velocity[i] as number) + g;
        velocity[i] = v;
        parameters[i] = w - learningRate * (nesterov ? g + momentum * v : v);
      }
    },
  };
}

/** base^exponent for a whole exponent by repeated squaring: exact the same on every engine, unlike Math.pow. */
export function wholePower(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

function adam(options: OptimizerOptions, decay: Float32Array): Optimizer {
  const { beta1, beta2, epsilon, amsgrad, weightDecay } = options;
  const decoupled = options.optimizer === "adamw";
  const mean = new Float32Array(decay.length);
  const square = new Float32Array(decay.length);
  const largest = amsgrad ? new Float32Array(decay.length) : null;
  return {
    state: largest ? { mean, square, largest } : { mean, square },
    update(parameters, gradient, { learningRate, step }) {
      const meanCorrection = 1 - wholePower(beta1, step + 1);
      const rootCorrection = Math.sqrt(1 - wholePower(beta2, step + 1));
      const stepSize = learningRate / meanCorrection;
      const coupled = decoupled ? 0 : weightDecay;
      const shrink = decoupled ? learningRate * weightDecay : 0;
      for (let i = 0; i < mean.length; i++) {
        const w = parameters[i] as number;
        const decays = decay[i] as number;
        const g = (gradient[i] as number) + coupled * decays * w;
        const m = beta1 * (mean[i] as number) + (1 - beta1) * g;
        const v = beta2 * (square[i] as number) + (1 - beta2) * g * g;
        mean[i] = m;
        square[i] = v;
        let second = v;
        if (largest) {
          second = Math.max(largest[i] as number, v);
          largest[i] = second;
        }
        const denominator = Math.sqrt(second) / rootCorrection + epsilon;
        parameters[i] = w - shrink * decays * w - (stepSize * m) / denominator;
      }
    },
  };
}
