import type { Run } from "@reprise/contracts";

type Named = Pick<Run, "arm" | "repeat" | "purpose">;

/** "free 3", as pages number repeats; a replica has the place of the run that it does again. */
export function shortName({ arm, repeat, purpose }: Named): string {
  return `${purpose === "study" ? "" : "replica of "}${arm} ${repeat + 1}`;
}
