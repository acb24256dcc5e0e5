import { logged, preview, previewBuiltIn, previewElsewhere, previewYaml, rows } from "./asked-answers.js";
import type { TruthCase } from "./truth-case.js";

const nested =
  "Nested parameters, lists of booleans, matrices: flattened with dots, or refused naming path and rule";
const meant = "Swept seed points to seeds, lr to learningRate";
const tooLarge = "A batch larger than the training part is refused before launch";

const unfit = "What every run of the built-in trainer would refuse is refused before launch";

export const cases: TruthCase[] = [
  ...rows(nested, logged, [
    [
      "nested",
      '{"params": {"optimizer": {"name": "adam", "betas": [0.9, 0.999]}}}',
      '400 params.optimizer: Invalid input: expected number, received object (given: {"name":"adam","betas":[0.9,0.999]})',
      '{"optimizer.name":"adam","optimizer.betas":[0.9,0.999]}',
    ],
    [
      "lists of booleans",
      '{"params": {"frozen": [true, false]}}',
      "400 params.frozen.0: Invalid input: expected number, received boolean (given: true); params.frozen.1: Invalid input: expected number, received boolean (given: false)",
      '{"frozen":[true,false]}',
    ],
    [
      "a matrix",
      '{"params": {"kernel": [[1, 2], [3, 4]]}}',
      "400 params.kernel.0: Invalid input: expected number, received array (given: [1,2]); params.kernel.1: Invalid input: expected number, received array (given: [3,4])",
      '{"kernel.0":[1,2],"kernel.1":[3,4]}',
    ],
    [
      "a list of objects",
      '{"params": {"layers": [{"units": 64}, {"units": 32}]}}',
      '400 params.layers.0: Invalid input: expected number, received object (given: {"units":64}); params.layers.1: Invalid input: expected number, received object (given: {"units":32})',
      '{"layers.0.units":64,"layers.1.units":32}',
    ],
    [
      "an empty object",
      '{"params": {"extra": {}}}',
      "400 params.extra: Invalid input: expected number, received object (given: {})",
      '{"extra":null}',
    ],
    [
      "a name given twice",
      '{"params": {"a.b": 1, "a": {"b": 2}}}',
      '400 params.a: Invalid input: expected number, received object (given: {"b":2})',
      "400 params.a.b: is given twice: a.b is another way to write it (given: 2)",
    ],
    [
      "too deep",
      '{"params": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}}}}}}}}}}}}}}}}',
      '400 params.a: Invalid input: expected number, received object (given: {"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}}}}}}}}}}})',
      '400 params.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a: is nested more than 16 levels deep: give it as a text, or under names of its own (given: {"a":{"a":{"a":{"a":1}}}})',
    ],
  ]),
  ...rows(nested, previewYaml, [
    [
      "base of a study",
      "base: { optimizer: { name: adam, betas: [0.9, 0.999] } }",
      '422 base.optimizer: Invalid input: expected number, received object (given: {"name":"adam","betas":[0.9,0.999]})',
      'one configuration {"optimizer.name":"adam","optimizer.betas":[0.9,0.999]}',
    ],
    [
      "values of a grid",
      "search: { method: grid, parameters: { optimizer: { name: [adam, sgd] } } }",
      "422 search.parameters.optimizer.min: Invalid input: expected number, received undefined; search.parameters.optimizer.max: Invalid input: expected number, received undefined; search.parameters.optimizer.name: unknown key. Known: min, max, scale, integer, steps.",
      'optimizer.name adam {"optimizer.name":"adam"}, optimizer.name sgd {"optimizer.name":"sgd"}',
    ],
    [
      "ranges in a group",
      "search: { method: grid, parameters: { optimizer: { lr: { min: 0.1, max: 0.2, steps: 2 } } } }",
      "422 search.parameters.optimizer.min: Invalid input: expected number, received undefined; search.parameters.optimizer.max: Invalid input: expected number, received undefined; search.parameters.optimizer.lr: unknown key. Known: min, max, scale, integer, steps.",
      'optimizer.lr 0.1 {"optimizer.lr":0.1}, optimizer.lr 0.2 {"optimizer.lr":0.2}',
    ],
    [
      "matrices in a grid",
      "search: { method: grid, parameters: { kernel: [[[1, 2], [3, 4]]] } }",
      "422 search.parameters.kernel.0.0: Invalid input: expected number, received array (given: [1,2]); search.parameters.kernel.0.1: Invalid input: expected number, received array (given: [3,4])",
      "422 search.parameters.kernel.0: a value of a search is a number, a text, true, false, null or a list of these: write such configurations out (search.method: list) (given: [[1,2],[3,4]])",
    ],
    [
      "configurations written out",
      "search: { method: list, configurations: [{ optimizer: { name: sgd } }] }",
      '422 search.configurations.0.optimizer: Invalid input: expected number, received object (given: {"name":"sgd"})',
      'one configuration {"optimizer.name":"sgd"}',
    ],
    [
      "the same name in base and search",
      "base: { a: { b: 1 } }\nsearch: { method: grid, parameters: { a.b: [1, 2] } }",
      '422 base.a: Invalid input: expected number, received object (given: {"b":1})',
      "422 search.parameters.a.b: is also set in base: remove one of the two (given: [1,2])",
    ],
    [
      "YAML merge keys",
      "base: &base { learningRate: 0.1, epochs: 3 }\nsearch: { method: list, configurations: [{ <<: *base, epochs: 5 }] }",
      '422 search.configurations.0.<<: Invalid input: expected number, received object (given: {"learningRate":0.1,"epochs":3})',
      'lr 0.1 {"learningRate":0.1,"epochs":5}',
    ],
  ]),
  ...rows(meant, preview, [
    [
      "swept seed",
      '{"search": {"method": "grid", "parameters": {"seed": [1, 2, 3]}}}',
      "search.parameters.seed: trainer shown has no hyperparameter seed. Known: model, epochs, dropout, clipNorm, schedule, batchSize, optimizer, probeCases, weightDecay, learningRate, batchSizePerRank.",
      "search.parameters.seed: the seed is not a hyperparameter: runs that differ by their seed are one configuration (given: [1,2,3]). List seeds at the top of the study: seeds: [1, 2, 3].",
    ],
    [
      "seed in base",
      '{"base": {"random_seed": 7}}',
      "base.random_seed: trainer shown has no hyperparameter random_seed. Known: model, epochs, dropout, clipNorm, schedule, batchSize, optimizer, probeCases, weightDecay, learningRate, batchSizePerRank.",
      "base.random_seed: the seed is not a hyperparameter: runs that differ by their seed are one configuration (given: 7). List seeds at the top of the study: seeds: [7].",
    ],
    [
      "swept lr",
      '{"search": {"method": "grid", "parameters": {"lr": [0.1, 0.01]}}}',
      "search.parameters.lr: trainer shown has no hyperparameter lr. Known: model, epochs, dropout, clipNorm, schedule, batchSize, optimizer, probeCases, weightDecay, learningRate, batchSizePerRank.",
      'search.parameters.lr: trainer shown has no hyperparameter lr. Did you mean "learningRate"?',
    ],
    [
      "other spellings",
      '{"base": {"learning_rate": 0.1, "bs": 32, "num_epochs": 5, "wd": 0.1, "optim": "adam"}}',
      'base.learning_rate: trainer shown has no hyperparameter learning_rate. Did you mean "learningRate"?; base.bs: trainer shown has no hyperparameter bs. Known: model, epochs, dropout, clipNorm, schedule, batchSize, optimizer, probeCases, weightDecay, learningRate, batchSizePerRank.; base.num_epochs: trainer shown has no hyperparameter num_epochs. Known: model, epochs, dropout, clipNorm, schedule, batchSize, optimizer, probeCases, weightDecay, learningRate, batchSizePerRank.; base.wd: trainer shown has no hyperparameter wd. Known: model, epochs, dropout, clipNorm, schedule, batchSize, optimizer, probeCases, weightDecay, learningRate, batchSizePerRank.; base.optim: trainer shown has no hyperparameter optim. Did you mean "optimizer"?',
      'base.learning_rate: trainer shown has no hyperparameter learning_rate. Did you mean "learningRate"?; base.bs: trainer shown has no hyperparameter bs. Did you mean "batchSize"?; base.num_epochs: trainer shown has no hyperparameter num_epochs. Did you mean "epochs"?; base.wd: trainer shown has no hyperparameter wd. Did you mean "weightDecay"?; base.optim: trainer shown has no hyperparameter optim. Did you mean "optimizer"?',
    ],
  ]),
  ...rows(meant, previewYaml, [
    [
      "lr at the top of a study",
      "lr: 0.1",
      "422 lr: unknown key. Known: name, description, trainer, task, dataset, base, search, seeds, modes, arms, noise, objective, ….",
      "422 lr: unknown key. Hyperparameters belong under base: base: { lr: … }.",
    ],
  ]),
  ...rows(meant, previewElsewhere, [
    [
      "swept seed of runs trained elsewhere",
      '"search": {"method": "grid", "parameters": {"seed": [1, 2]}}',
      'seed 1 {"seed":1}, seed 2 {"seed":2}',
      "search.parameters.seed: the seed is not a hyperparameter: runs that differ by their seed are one configuration (given: [1,2]). List seeds at the top of the study: seeds: [1, 2].",
    ],
  ]),
  ...rows(meant, logged, [
    [
      "seed among the parameters of a logged run",
      '{"params": {"seed": 3, "lr": 0.1}}',
      '{"lr":0.1,"seed":3}',
      "400 params.seed: the seed is not a hyperparameter: with it, runs that differ by their seed would be different configurations (given: 3). Send it as seed.",
    ],
  ]),
  ...rows(tooLarge, preview, [
    [
      "batchSize 5000",
      '{"base": {"batchSize": 5000}}',
      'one configuration {"batchSize":5000}',
      "base.batchSize: 5,000 is larger than the training part (341 cases): no step could be made (given: 5000). Set batchSize to at most 341, or give the training part a larger share.",
    ],
    [
      "in a search",
      '{"search": {"method": "grid", "parameters": {"batchSize": [64, 341, 342]}}}',
      'batch 64 {"batchSize":64}, batch 341 {"batchSize":341}, batch 342 {"batchSize":342}',
      "search.parameters.batchSize: 342 is larger than the training part (341 cases) in 1 of 3 configurations (first: batch 342): no step could be made (given: 342). Set batchSize to at most 341, or give the training part a larger share.",
    ],
    [
      "times ranks",
      '{"base": {"batchSizePerRank": 171}, "resources": {"ranks": 2}}',
      'one configuration {"batchSizePerRank":171}',
      "base.batchSizePerRank: 171 × 2 ranks is larger than the training part (341 cases): no step could be made (given: 171). Set batchSizePerRank to at most 170, or give the training part a larger share.",
    ],
    [
      "the default, of a small part",
      '{"dataset": {"name": "wdbc", "split": {"train": 0.05, "validation": 0, "test": 0.95}}}',
      "one configuration {}",
      "base.batchSize: 32, the default, is larger than the training part (28 cases): no step could be made (given: 32). Set batchSize to at most 28, or give the training part a larger share.; base.batchSizePerRank: 32, the default, is larger than the training part (28 cases): no step could be made (given: 32). Set batchSizePerRank to at most 28, or give the training part a larger share.",
    ],
    [
      "more test cases than there are",
      '{"base": {"probeCases": 115}}',
      'one configuration {"probeCases":115}',
      "base.probeCases: 115 is larger than the test part (114 cases) (given: 115). Set probeCases to at most 114, or give the test part a larger share.",
    ],
    [
      "too few cases for the shards of a batch",
      '{"search": {"method": "grid", "parameters": {"batchSize": [4, 12, 16], "batchNorm": [true, false]}}}',
      'BN on · batch 4 {"batchNorm":true,"batchSize":4}, BN on · batch 12 {"batchNorm":true,"batchSize":12}, BN on · batch 16 {"batchNorm":true,"batchSize":16}, BN off · batch 4 {"batchNorm":false,"batchSize":4}, BN off · batch 12 {"batchNorm":false,"batchSize":12}, BN off · batch 16 {"batchNorm":false,"batchSize":16}',
      "search.parameters.batchSize: is less than 16 in 3 of 6 configurations (first: BN on · batch 4): it must be at least 2 × shards (8), because batchNorm is true (given: 4). Set batchSize to at least 16, or shards to at most 2.",
    ],
    [
      "a part without a case",
      '{"dataset": {"name": "wdbc", "split": {"train": 0.5, "validation": 0.0005, "test": 0.4995}}}',
      "one configuration {}",
      "dataset.split.validation: is less than one of the 569 cases of wdbc: the validation part would be empty (given: 0.0005). Set it to at least 0.0018, or to 0.",
    ],
  ]),
  ...rows(unfit, previewBuiltIn, [
    [
      "a model for images, on a table",
      '{"search": {"method": "grid", "parameters": {"model": ["mlp", "cnn", "resnet"]}}}',
      'mlp {"model":"mlp"}, cnn {"model":"cnn"}, resnet {"model":"resnet"}',
      'search.parameters.model: does not fit a table of numbers in 2 of 3 configurations (first: cnn) (given: "cnn"). Set model to mlp, or leave it out.',
    ],
    [
      "augmentation of a table",
      '{"base": {"flip": "horizontal"}}',
      'one configuration {"flip":"horizontal"}',
      'base.flip: does not fit a table of numbers (given: "horizontal"). Set flip to none, or leave it out.',
    ],
    [
      "a depth that the model has not",
      '{"dataset": "digits", "base": {"model": "preact-resnet", "depth": 50}}',
      'one configuration {"model":"preact-resnet","depth":50}',
      "base.depth: does not fit model preact-resnet (given: 50). Set depth to 18 or 34.",
    ],
    [
      "heads that do not divide the width",
      '{"task": "contrastive", "dataset": "digits", "base": {"model": "clip", "width": 64, "heads": 5}}',
      'one configuration {"model":"clip","width":64,"heads":5}',
      "base.heads: does not divide width (64) (given: 5). Set heads to a number that divides width without remainder.",
    ],
  ]),
];
