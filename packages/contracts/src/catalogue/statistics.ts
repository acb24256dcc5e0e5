import { z } from "zod";

export const statisticsList = z.strictObject({ items: z.array(z.string()) });

/** `input` and `options` as each test defines them; non-finite numbers as strings. */
export const statisticsRequest = z.strictObject({
  input: z.record(z.string(), z.unknown()),
  options: z.record(z.string(), z.unknown()).default({}),
});
