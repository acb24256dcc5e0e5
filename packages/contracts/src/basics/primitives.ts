import { z } from "zod";

/** UTC, ISO 8601. */
export const instant = z.iso.datetime();
export const id = z.uuid();

/** The greatest epoch or step that the database holds. */
export const greatestStep = 2 ** 31 - 1;

/** A name that is part of keys, queues and addresses. */
export const shortName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,31}$/,
    "lower-case letters, digits and dashes, starting with a letter, at most 32",
  );
