import { z } from "zod";

/** UTC, ISO 8601. */
export const instant = z.iso.datetime();
export const id = z.uuid();
