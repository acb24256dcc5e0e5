import { z } from "zod";
import { InvalidCursorError } from "./errors.js";

/** Opaque place in a listing: what the last shown row was ordered by, and its id. */
const place = z.tuple([z.string(), z.union([z.string(), z.number()]), z.uuid()]);
export type Place = z.infer<typeof place>;

export function encodeCursor(position: Place): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

/** @throws InvalidCursorError for anything that `encodeCursor` has not made for this order */
export function decodeCursor(cursor: string, order: string): Place {
  try {
    const position = place.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    if (position[0] === order) return position;
  } catch {
    // Falls through to the error.
  }
  throw new InvalidCursorError();
}
