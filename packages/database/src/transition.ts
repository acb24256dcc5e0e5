import type { FieldError } from "@reprise/contracts";

/** The outcome of asking for a change of state: the new state, or why it cannot be. */
export type Transition<T> = { ok: true; value: T } | Refusal;
export type Refusal = {
  ok: false;
  reason: "not-found" | "conflict" | "stale-attempt" | "invalid-request";
  detail: string;
  errors?: FieldError[];
};

export const notFound = (what: "sweep" | "run", id: string) => ({
  ok: false as const,
  reason: "not-found" as const,
  detail: `There is no ${what} ${id}.`,
});

export const conflict = (detail: string) => ({ ok: false as const, reason: "conflict" as const, detail });
