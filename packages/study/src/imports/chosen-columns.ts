import type { ForeignValue, ImportDecisions, ImportFacts, RunFacts } from "@reprise/contracts";
import { type ArmChoice, armColumn, claimsDeterminism } from "./arm-column.js";
import { armPolarity } from "./column-names.js";
import { columnRoles, type Role } from "./column-roles.js";
import { type Column, columnsOf, distinctOf, isFunctionOf, nameColumns, valueKey } from "./columns.js";
import { type SeedChoice, seedColumn } from "./seed-column.js";

/** The columns of a design: as inferred, or as somebody decided. */
export type ChosenColumns = {
  seed: (SeedChoice & { decided: boolean }) | null;
  arm: (ArmChoice & { deterministic: (value: ForeignValue | undefined) => boolean; decided: boolean }) | null;
  /** All that are neither, with what each is taken for. */
  roles: Map<Column, Role>;
  /** All columns that there are, for menus. */
  all: Column[];
};

/** A name of a decision that no column has. */
export class UnknownColumnError extends Error {
  constructor(
    readonly field: string,
    readonly column: string,
    readonly known: readonly string[],
  ) {
    super(`There is no column ${JSON.stringify(column)}.`);
    this.name = "UnknownColumnError";
  }
}

function named(all: readonly Column[], field: string, name: string): Column {
  const column = all.find((own) => own.name === name);
  if (!column)
    throw new UnknownColumnError(
      field,
      name,
      all.map((own) => own.name),
    );
  return column;
}

function chosenSeed(all: readonly Column[], decisions: ImportDecisions): ChosenColumns["seed"] {
  if (decisions.seed === null) return null;
  if (decisions.seed !== undefined)
    return { column: named(all, "seed", decisions.seed), because: "Decided.", others: [], decided: true };
  const choice = seedColumn(all);
  return choice && { ...choice, decided: false };
}

function chosenArm(all: readonly Column[], { arm }: ImportDecisions): ChosenColumns["arm"] {
  if (arm === null) return null;
  const choice =
    arm === undefined
      ? armColumn(all)
      : {
          column: named(all, "arm.column", arm.column),
          polarity: armPolarity(arm.column) ?? ("named" as const),
          because: "Decided.",
        };
  if (!choice) return null;
  const said = arm?.deterministic;
  const texts = new Set(said?.map((value) => String(value).toLowerCase()));
  const deterministic = (value: ForeignValue | undefined) =>
    said === undefined
      ? claimsDeterminism(value, choice.polarity)
      : texts.has(String(value ?? null).toLowerCase());
  return { ...choice, deterministic, decided: arm !== undefined };
}

/** A value or two that stand for the same in another column: the tag `arm` beside the parameter `deterministic`. */
const saysTheSame = (column: Column, chosen: Column | undefined) =>
  chosen !== undefined &&
  distinctOf(chosen) > 1 &&
  isFunctionOf(column, [chosen]) &&
  isFunctionOf(chosen, [column]);

/** The roles as decided: what is named is the configuration, and other parameters that vary are none. */
function decided(roles: Map<Column, Role>, names: readonly string[]): Map<Column, Role> {
  return new Map(
    [...roles].map(([column, role]): [Column, Role] => {
      if (names.includes(column.name)) return [column, { role: "configuration", because: "Decided." }];
      return [
        column,
        role.role === "configuration"
          ? { role: "nuisance", because: "Decided: no setting of the study." }
          : role,
      ];
    }),
  );
}

/**
 * Reads from the table of runs what each column is.
 *
 * @throws UnknownColumnError for a decision about a column that is not there
 */
export function chooseColumns(
  facts: Pick<ImportFacts, "tagsAre"> & { runs: readonly RunFacts[] },
  decisions: ImportDecisions = {},
): ChosenColumns {
  const held = columnsOf({ runs: [...facts.runs], tagsAre: facts.tagsAre });
  const params = held.filter(({ from }) => from === "param");
  const parts = nameColumns(facts.runs);
  const all = [...held, ...parts];
  const seed = chosenSeed(all, decisions);
  const arm = chosenArm(all, decisions);
  // Where the source holds no parameters at all, names are all that tells configurations apart.
  const settings = params.length > 0 ? params : parts;
  const rest = settings.filter((column) => column !== seed?.column && column !== arm?.column);
  const roles = columnRoles(rest);
  for (const column of rest) {
    const twin = [seed?.column, arm?.column].find((chosen) => saysTheSame(column, chosen));
    const isSetting = roles.get(column)?.role === "configuration";
    if (twin && isSetting)
      roles.set(column, { role: "bound", of: twin.name, because: `A function of ${twin.name}.` });
  }
  for (const name of decisions.nuisance ?? []) {
    const column = all.find((own) => own.name === name);
    if (column && roles.has(column)) roles.set(column, { role: "nuisance", because: "Decided." });
  }
  if (!decisions.configuration) return { seed, arm, roles, all };
  for (const name of decisions.configuration) {
    const column = named(all, "configuration", name);
    if (!roles.has(column) && column !== seed?.column && column !== arm?.column)
      roles.set(column, { role: "configuration", because: "Decided." });
  }
  return { seed, arm, roles: decided(roles, decisions.configuration), all };
}

/** The columns of one role, in their order. */
export const columnsWith = ({ roles }: ChosenColumns, role: Role["role"]): Column[] =>
  [...roles].flatMap(([column, own]) => (own.role === role ? [column] : []));

/** What identifies the configuration of a row. */
export const configurationOf = (columns: readonly Column[], row: number): string =>
  JSON.stringify(columns.map(({ values }) => valueKey(values[row])));
