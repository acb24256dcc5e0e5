import type { AuditReading } from "@reprise/contracts";

/** A line of a table: its cells as text without emphasis, and the line of the pasted text where it stands. */
export type Line = {
  cells: string[];
  line: number;
  /** Its cells cannot be told apart: nothing in it is read, and nothing is summed over it. */
  isLeftOut?: boolean;
};

/** A pasted table before anybody asks what its columns are. */
export type Grid = {
  format: AuditReading["format"];
  header: string[];
  lines: Line[];
  /** What was left out or put together on the way: caption, header of two lines. */
  remarks: string[];
};

/** Two header lines as one: "ADAM (%)" above "Max" is "ADAM (%) Max". */
export const joinedHeader = (upper: readonly string[], lower: readonly string[]): string[] =>
  Array.from({ length: Math.max(upper.length, lower.length) }, (_, index) =>
    [upper[index] ?? "", lower[index] ?? ""].filter(Boolean).join(" "),
  );
