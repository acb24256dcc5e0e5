import { z } from "zod";

export const health = z.strictObject({
  status: z.enum(["ok", "unavailable"]),
  checks: z.record(z.string(), z.string()),
});
