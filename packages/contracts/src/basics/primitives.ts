import { z } from "zod";

/** UTC, ISO 8601. */
export const instant = z.iso.datetime();
export const id = z.uuid();

/** A name that is part of keys, queues and addresses. */
export const shortName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,31}$/,
    "lower-case letters, digits and dashes, starting with a letter, at most 32",
  );
