import { z } from "zod";

/** A page of a listing; `nextCursor` is null on the last one. `hints` say why nothing was found, where that can be told. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({
    items: z.array(item),
    nextCursor: z.string().nullable(),
    hints: z.array(z.string()).optional(),
  });
}
export type Page<T> = { items: T[]; nextCursor: string | null; hints?: string[] };

/** What every query of a listing may have. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().min(1).optional(),
};
