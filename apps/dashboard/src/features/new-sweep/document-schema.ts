import {
  type AnnouncedTrainer,
  type DatasetInfo,
  type Hyperparameter,
  type JsonSchema,
  jsonSchemaOf,
  schemasAt,
  sweepSpec,
} from "@reprise/contracts";
import { announcedBy } from "./draft.js";

const numeric: Readonly<Partial<Record<Hyperparameter["type"], string>>> = {
  number: "number",
  integer: "integer",
  boolean: "boolean",
  string: "string",
};

function valueSchema(info: Hyperparameter): JsonSchema {
  const limits = [
    info.minimum === undefined ? null : `from ${info.minimum}`,
    info.exclusiveMinimum === undefined ? null : `above ${info.exclusiveMinimum}`,
    info.maximum === undefined ? null : `to ${info.maximum}`,
    info.unit ? `in ${info.unit}` : null,
  ].filter((part) => part !== null);
  return {
    description: [info.description, limits.length > 0 ? `A number ${limits.join(" ")}.` : null]
      .filter(Boolean)
      .join(" "),
    type: numeric[info.type],
    default: info.default,
    ...(info.choices ? { enum: info.choices } : {}),
  };
}

const objectOf = (properties: Record<string, JsonSchema>): JsonSchema => ({ type: "object", properties });

/**
 * What may stand where in the document: the schema of a study, with the hyperparameters and metrics of its trainer, and the data
 * sets and trainers that workers announce.
 */
export function documentSchema(
  trainer: string,
  trainers: readonly AnnouncedTrainer[],
  datasets: readonly DatasetInfo[],
): JsonSchema {
  const schema = jsonSchemaOf(sweepSpec, "input");
  const { hyperparameters, metrics } = announcedBy(trainers, trainer);
  const values = Object.fromEntries(
    Object.entries(hyperparameters).map(([name, info]) => [name, valueSchema(info)]),
  );
  const searched = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      {
        description: value.description,
        anyOf: [
          { type: "array", items: value },
          objectOf({
            min: { description: "Lower end of a range.", type: "number" },
            max: { description: "Upper end of a range.", type: "number" },
            scale: { description: "How a range is divided.", enum: ["linear", "log"] },
            integer: { description: "Whole numbers only.", type: "boolean" },
            steps: { description: "Number of values in a grid.", type: "integer" },
          }),
        ],
      },
    ]),
  );
  const metric: JsonSchema = { enum: metrics.map(({ key }) => key) };
  const own = schemasAt(schema, []).find(({ properties }) => properties)?.properties ?? {};
  const plan = own.analysisPlan;
  return {
    $defs: schema.$defs,
    properties: {
      ...own,
      trainer: { ...own.trainer, enum: trainers.map(({ capabilities }) => capabilities.name) },
      dataset: { ...own.dataset, enum: datasets.map(({ name }) => name) },
      base: { ...own.base, ...objectOf(values) },
      search: {
        ...own.search,
        properties: {
          parameters: {
            description: "What varies, by name: a list of values or a range.",
            ...objectOf(searched),
          },
          configurations: {
            description: "Configurations written out, each with what it sets.",
            type: "array",
            items: objectOf({ label: { description: "A short name.", type: "string" }, ...values }),
          },
        },
      },
      ...(plan
        ? {
            analysisPlan: {
              ...plan,
              properties: {
                ...plan.properties,
                primaryMetric: { ...plan.properties?.primaryMetric, ...metric },
                margin: {
                  ...plan.properties?.margin,
                  ...objectOf(
                    Object.fromEntries(
                      metrics.map(({ key, label }) => [key, { description: label, type: "number" }]),
                    ),
                  ),
                },
              },
            },
          }
        : {}),
    },
  };
}
