import type { Arm } from "@reprise/contracts";

/** How an arm is drawn everywhere: colour by its order of summation, never by its place in a list. */
export type ArmMark = {
  name: string;
  color: string;
  /** Of its lines, so that they are told apart in grey; undefined for a whole line. */
  dash: string | undefined;
  label: string;
  kind: "deterministic" | "placebo" | "free";
};

/** Okabe–Ito, with the meanings fixed for the whole product. */
export const armColors = { deterministic: "#0072B2", free: "#D55E00", placebo: "#CC79A7" } as const;
/** For second and further arms of one kind. */
const furtherColors = ["#009E73", "#E69F00", "#56B4E9", "#B8A800"];

/** The deterministic arm's line is whole. */
export const armDashes = { deterministic: undefined, free: "7 3", placebo: "2 3" } as const;
const furtherDashes = ["10 3 2 3", "5 2 1 2 1 2", "12 4", "1 4"];

const labels = {
  deterministic: "deterministic",
  free: "free reduction order",
  placebo: "placebo, permuted order",
};

function kindOf(arm: Pick<Arm, "execution">): ArmMark["kind"] {
  if (arm.execution.order === "permuted" || arm.execution.perturb) return "placebo";
  return arm.execution.order === "fixed" && arm.execution.algorithms === "deterministic"
    ? "deterministic"
    : "free";
}

/** The colour of an arm by its execution alone, where runs of several sweeps stand together. */
export function armColorOf(arm: Pick<Arm, "execution">): string {
  return armColors[kindOf(arm)];
}

/** One mark per arm, in the arms' own order. */
export function armMarks(arms: readonly Arm[]): ArmMark[] {
  const used = new Set<string>();
  let further = 0;
  return arms.map((arm) => {
    const kind = kindOf(arm);
    let color: string = armColors[kind];
    let dash: string | undefined = armDashes[kind];
    if (used.has(color)) {
      dash = furtherDashes[further % furtherDashes.length];
      color = furtherColors[further++ % furtherColors.length] ?? color;
    }
    used.add(color);
    const label = arm.execution.perturb
      ? "one initial weight changed by one unit in the last place"
      : labels[kind];
    return { name: arm.name, color, dash, label, kind };
  });
}

/** The mark of an arm by name; arms that the spec does not know are drawn as free. */
export function markOf(marks: readonly ArmMark[], name: string): ArmMark {
  return (
    marks.find((mark) => mark.name === name) ?? {
      ...{ name, color: armColors.free, dash: armDashes.free, label: name },
      kind: "free",
    }
  );
}
