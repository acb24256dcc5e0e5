import { type TrainerCapabilities, trainerCapabilities } from "@reprise/contracts";

const splits = ["validation", "test"] as const;

/** A small trainer as a worker announces it, with one data set that is there and one that is not. */
export const trainer: TrainerCapabilities = trainerCapabilities.parse({
  name: "tfjs",
  version: "1",
  description: "A trainer for these tests; nothing here starts it.",
  tasks: ["classification"],
  backends: ["wasm", "cpu"],
  deviceClass: "cpu",
  summationOrders: ["fixed", "permuted", "free"],
  hyperparameters: {
    model: { type: "string", description: "", default: "mlp", choices: ["mlp"] },
    optimizer: { type: "string", description: "", default: "adam", choices: ["adam", "sgd"] },
    learningRate: { type: "number", description: "", default: 0.01, exclusiveMinimum: 0 },
    dropout: { type: "number", description: "", default: 0, minimum: 0, maximum: 0.9 },
    epochs: { type: "integer", description: "", default: 3, minimum: 1 },
    batchSize: { type: "integer", description: "", default: 32, minimum: 1 },
    weightDecay: { type: "number", description: "", default: 0, minimum: 0 },
  },
  metrics: [
    { key: "trainLoss", label: "train loss", direction: "minimize", unit: "nats", split: "train" },
    ...splits.flatMap((split) => [
      { key: `${split}Loss`, label: `${split} loss`, direction: "minimize", unit: "nats", split },
      { key: `${split}Accuracy`, label: `${split} accuracy`, direction: "maximize", unit: "fraction", split },
      { key: `${split}Auc`, label: `${split} AUC`, direction: "maximize", unit: "fraction", split },
    ]),
  ],
  datasets: [
    {
      name: "wdbc",
      title: "Breast cancer Wisconsin",
      description: "",
      citation: "",
      license: "CC BY 4.0",
      available: true,
      hint: null,
      cases: 569,
      inputShape: [30],
      classes: ["benign", "malignant"],
      positiveClass: 1,
      digest: null,
      defaultSplit: { train: 0.5, validation: 0.25, test: 0.25, seed: 7 },
    },
    {
      name: "pcam",
      title: "PatchCamelyon",
      description: "",
      citation: "",
      license: "CC0",
      available: false,
      hint: "Put the files into data/pcam.",
      cases: null,
      inputShape: [96, 96, 3],
      classes: ["normal", "tumour"],
      positiveClass: 1,
      digest: null,
      defaultSplit: { train: 0.6, validation: 0.2, test: 0.2 },
    },
  ],
  replay: true,
  resume: true,
  nondeterminismSource: "threads",
});
