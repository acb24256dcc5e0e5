import { z } from "zod";

/** NaN and ±Infinity are values of a training run, but JSON has no word for them: they travel as strings. */
export const nonFiniteNames = ["NaN", "Infinity", "-Infinity"] as const;
export type NonFiniteName = (typeof nonFiniteNames)[number];

/** A number on the wire: finite as a JSON number, non-finite as one of three strings. */
export const wireNumber = z.union([z.number(), z.enum(nonFiniteNames)]);
export type WireNumber = z.infer<typeof wireNumber>;

/** Wire form of a number. `-0` becomes `0`, as JSON has it. */
export function encodeNumber(value: number): WireNumber {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

/** The number behind its wire form. */
export function decodeNumber(value: WireNumber): number {
  return typeof value === "number" ? value : Number(value);
}
