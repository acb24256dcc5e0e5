import { pageOf, run, sweep } from "@reprise/contracts";
import { parameterMismatch } from "@reprise/trainers";
import { z } from "zod";
import { logged, type Observe, preview, previewElsewhere, previewYaml, rows, said } from "./asked-answers.js";
import { cases as named } from "./configuration-names.js";
import type { TruthCase } from "./truth-case.js";

const exact = "Integers that JSON cannot carry are refused with the way out (a string)";
const unset =
  "null means unset, for planning and trainers; configurations that are one in effect are said to be";
const labelled = "Labels name what varies, at most 64 characters, and are made anew when more runs arrive";

const labelsIn = async (api: Parameters<Observe>[0], sweepId: string | null) => {
  const { items } = await api.get(`/runs?sweepId=${sweepId}`, pageOf(run));
  return items
    .toSorted((a, b) => a.position - b.position)
    .map(({ configurationLabel }) => configurationLabel)
    .join(", ");
};

/** A study into which runs are logged one after another; what their labels are in the end. */
const labels: Observe = async (api, input) => {
  const bodies: object[] = JSON.parse(input);
  let sweepId: string | null = null;
  for (const body of bodies) {
    const answer = await api.call("POST", "/runs", { body: sweepId === null ? body : { sweepId, ...body } });
    if (answer.status >= 300) return said(answer, () => "");
    sweepId = run.parse(answer.json).sweepId;
  }
  return labelsIn(api, sweepId);
};

/** A planned study of one configuration, which is extended; what the labels of all are then. */
const extended: Observe = async (api, input) => {
  const [base, configurations] = JSON.parse(input);
  const created = await api.createSweep({ name: "n", dataset: "d", trainer: "external", base });
  const answer = await api.call("POST", `/sweeps/${created.id}/extend`, { body: { configurations } });
  return labelsIn(api, sweep.parse(answer.json).id);
};

/** What the analysis of configurations and a comparison note of two logged runs with these parameters. */
const notes: Observe = async (api, input) => {
  const [first, second] = JSON.parse(input);
  const end = async (params: object, sweepId?: string | null) => {
    const logged = run.parse(
      (await api.call("POST", "/runs", { body: { params, sweepId: sweepId ?? undefined } })).json,
    );
    await api.call("POST", `/runs/${logged.id}/tell`, { body: { metrics: { testAccuracy: 0.5 } } });
    return logged;
  };
  const { sweepId } = await end(first);
  await end(second, sweepId);
  const noted = z.object({ notes: z.array(z.string()) });
  const analysis = await api.get(`/sweeps/${sweepId}/analyses/configurations?metric=testAccuracy`, noted);
  const groups = ["clipNorm", "other"].map((name) => ({ name, filter: "arm = 'free'" }));
  const compared = await api.call("POST", "/comparisons", {
    body: { sweepId, groups, metrics: ["testAccuracy"] },
  });
  const said = [analysis, noted.parse(compared.json)].map(
    (answer) => answer.notes.find((note) => note.includes("in effect")) ?? "nothing",
  );
  return said.join(" | ");
};

export const cases: TruthCase[] = [
  ...rows(exact, previewElsewhere, [
    [
      "values of a search",
      '"search": {"method": "list", "configurations": [{"tokens": 9007199254740992}, {"tokens": 9007199254740993}]}',
      'search.configurations.1: is the same as configuration 0; use repeats to train a configuration again (given: {"tokens":9007199254740992})',
      '400 search.configurations.0.tokens: is an integer beyond ±(2^53 − 1), which JSON does not carry to the last digit (given: 9007199254740992). Write it as a string: "9007199254740992", or with an exponent if it need not be exact.; search.configurations.1.tokens: is an integer beyond ±(2^53 − 1), which JSON does not carry to the last digit (given: 9007199254740993). Write it as a string: "9007199254740993", or with an exponent if it need not be exact.',
    ],
    [
      "base, negative",
      '"base": {"offset": -9007199254740993}',
      'one configuration {"offset":-9007199254740992}',
      '400 base.offset: is an integer beyond ±(2^53 − 1), which JSON does not carry to the last digit (given: -9007199254740993). Write it as a string: "-9007199254740993", or with an exponent if it need not be exact.',
    ],
    [
      "seeds",
      '"seeds": [9007199254740993]',
      "422 seeds.0: must be at most 9007199254740991 (given: 9007199254740992); seeds.0: must be at most 9007199254740991 (given: 9007199254740992)",
      "400 seeds.0: is an integer beyond ±(2^53 − 1), which JSON does not carry to the last digit (given: 9007199254740993). Seeds go up to 9007199254740991.",
    ],
    [
      "too large for any number",
      '"base": {"learningRate": 1e400}',
      "422 base.learningRate: Invalid input: expected number, received Infinity (given: Infinity)",
      '400 base.learningRate: is larger than any number of double precision (about 1.8e308) (given: 1e400). Write it as a string: "1e400".',
    ],
    [
      "too small for any number but 0",
      '"base": {"epsilon": 1e-400}',
      'one configuration {"epsilon":0}',
      '400 base.epsilon: is nearer to 0 than any number of double precision (about 5e-324) (given: 1e-400). Write 0 if that is meant. Write it as a string: "1e-400" otherwise.',
    ],
  ]),
  ...rows(exact, previewYaml, [
    [
      "a study as YAML",
      "base: { tokens: 9007199254740993 }",
      'one configuration {"tokens":9007199254740992}',
      '400 base.tokens: is an integer beyond ±(2^53 − 1), which JSON does not carry to the last digit (given: 9007199254740993). Write it as a string: "9007199254740993", or with an exponent if it need not be exact.',
    ],
  ]),
  ...rows(exact, logged, [
    [
      "parameters of a logged run",
      '{"params": {"tokens": 9007199254740993}}',
      '{"tokens":9007199254740992}',
      '400 params.tokens: is an integer beyond ±(2^53 − 1), which JSON does not carry to the last digit (given: 9007199254740993). Write it as a string: "9007199254740993", or with an exponent if it need not be exact.',
    ],
    [
      "environment of a logged run",
      '{"environment": {"build": 9007199254740993}}',
      "{}",
      '400 environment.build: is an integer beyond ±(2^53 − 1), which JSON does not carry to the last digit (given: 9007199254740993). Write it as a string: "9007199254740993", or with an exponent if it need not be exact.',
    ],
  ]),
  ...rows(exact, logged, [
    [
      "a name twice in one object",
      '{"params": {"lr": 0.1, "lr": 0.2}}',
      '{"lr":0.2}',
      "400 params.lr: is given twice in one object, of which a reader of JSON takes the last. Leave one of the two out.",
    ],
  ]),
  ...rows(unset, notes, [
    [
      "a note of analyses and comparisons",
      '[{"epochs": 3}, {"epochs": 3, "clipNorm": null}]',
      "nothing | nothing",
      '"clipNorm left out" and "clipNorm null" are one configuration in effect (null means unset): differences between them are not an effect of a hyperparameter. | "clipNorm left out" and "clipNorm null" are one configuration in effect (null means unset): differences between them are not an effect of a hyperparameter.',
    ],
  ]),
  ...rows(unset, preview, [
    [
      "configurations written out",
      '{"search": {"method": "list", "configurations": [{"learningRate": 0.01}, {}, {"clipNorm": null}]}}',
      'learningRate 0.01 (1 of 3) {"learningRate":0.01}, base (2 of 3) {}, base (3 of 3) {"clipNorm":null}',
      'learningRate 0.01 · clipNorm left out {"learningRate":0.01}, learningRate left out · clipNorm left out {}, learningRate left out · clipNorm null {"clipNorm":null}. "learningRate 0.01 · clipNorm left out", "learningRate left out · clipNorm left out" and "learningRate left out · clipNorm null" are one configuration in effect, by the defaults of trainer shown: their runs are repeats, and differences between them are not an effect of a hyperparameter.',
    ],
    [
      "a value that is the default, and null",
      '{"search": {"method": "grid", "parameters": {"schedule": [null, "cosine", "constant"]}}}',
      'schedule unset {"schedule":null}, schedule cosine {"schedule":"cosine"}, schedule constant {"schedule":"constant"}',
      'schedule unset {"schedule":null}, schedule cosine {"schedule":"cosine"}, schedule constant {"schedule":"constant"}. "schedule unset" and "schedule cosine" are one configuration in effect, by the defaults of trainer shown: their runs are repeats, and differences between them are not an effect of a hyperparameter.',
    ],
  ]),
  {
    bullet: unset,
    kind: "a trainer that uses its default where null was requested",
    input: "optimizer: null, used adam",
    before: 'optimizer: requested null, used "adam".',
    after: "they agree",
    observe: async () =>
      parameterMismatch(
        { optimizer: null },
        {
          ...{ type: "hello", name: "t", version: "1", unusedParameters: [], disclosures: [] },
          effectiveParameters: { optimizer: "adam" },
          backend: { requested: "cpu", used: "cpu" },
        },
      ) ?? "they agree",
  },
  ...rows(labelled, labels, [
    [
      "the first run has no parameters",
      '[{"params": {}}, {"params": {"lr": 0.1}}, {"params": {"lr": 0.2}}]',
      "one configuration, lr 0.1 (2 of 2), lr 0.2 (3 of 3)",
      "lr unset, lr 0.1, lr 0.2",
    ],
    [
      "what varies is known with the second",
      '[{"params": {"depth": 18, "augment": true}}, {"params": {"depth": 34, "augment": true}}]',
      "one configuration, depth 34",
      "depth 18, depth 34",
    ],
    [
      "values alike as texts",
      '[{"params": {"a": true}}, {"params": {"a": "true"}}, {"params": {"a": "on"}}, {"params": {"a": null}}]',
      "one configuration, a true, a on (3 of 3), a unset (4 of 4)",
      'a true, a "true", a "on", a null',
    ],
    [
      "values of 150 characters",
      '[{"params":{"data":"/scratch/experiments/experiments/experiments/experiments/experiments/experiments/experiments/experiments/experiments/experiments/experiments/experiments/one"}},{"params":{"data":"/scratch/experiments/experiments/experiments/experiments/experiments/experiments/experiments/experiments/experiments/experiments/experiments/experiments/two"}}]',
      "one configuration, data /scratch/experiments/experiments/experiments/experiments/experiments/experiments/experiments/experiments/experiments/experiments/experiments/experiments/two",
      "data /scratch/experiments/experiment…/experiments/one, data /scratch/experiments/experiment…/experiments/two",
    ],
    [
      "two labels for one configuration",
      '[{"params": {}, "label": "baseline"}, {"params": {}, "label": "ours"}]',
      "baseline, baseline",
      '400 label: these parameters are the configuration "baseline" already (given: "ours"). Say under params what tells the two apart, or leave the label out.',
    ],
    [
      "a label that another one has by itself",
      '[{"params": {"a": 1}}, {"params": {"a": 2}}, {"params": {"a": 3}, "label": "a 2"}]',
      "400 label: another configuration of the study has this label (given: a 2)",
      "a 1 (015abd), a 2 (7e8059), a 2",
    ],
  ]),
  ...rows(labelled, extended, [
    [
      "a planned study of one configuration is extended",
      '[{"depth": 18}, [{"depth": 34}]]',
      "one configuration, depth 34",
      "depth 18, depth 34",
    ],
  ]),
  ...named,
];
