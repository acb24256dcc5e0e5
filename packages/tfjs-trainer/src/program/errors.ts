/**
 * A failure with what the user can do about it. `user` errors are final (the request cannot be met as it stands);
 * `infrastructure` errors may succeed on another attempt.
 */
export class TrainerError extends Error {
  readonly kind: "user" | "infrastructure";
  readonly hint: string | undefined;

  constructor(kind: "user" | "infrastructure", message: string, hint?: string) {
    super(message);
    this.name = "TrainerError";
    this.kind = kind;
    this.hint = hint;
  }
}

export const userError = (message: string, hint?: string) => new TrainerError("user", message, hint);

/** The given value, or an infrastructure error: for states that only a defect of ours can cause. */
export function present<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) {
    throw new TrainerError("infrastructure", `${what} is missing; this is a defect of the trainer.`);
  }
  return value;
}
