import { z } from "zod";

/** SHA-256 of the bytes: what a digest is by where nothing else is said. */
export const sha256Algorithm = "sha256";

/** Of digests that an earlier version stored of programs which had more than one algorithm: nobody knows which it was. */
export const unrecordedAlgorithm = "unrecorded";

/** By what a digest was computed, in one word. Programs name their own. */
export const digestAlgorithm = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9.-]{0,39}$/,
    "a word of small letters, digits, dots and hyphens, at most 40, such as sha256",
  );

/** Whether two digests tell anything of each other: equal bits have unequal digests by two algorithms. */
export const areComparable = (a: string, b: string): boolean => a === b && a !== unrecordedAlgorithm;

const words = (algorithm: string) =>
  algorithm === sha256Algorithm
    ? "SHA-256"
    : algorithm === unrecordedAlgorithm
      ? "an algorithm that was not recorded"
      : algorithm;

/** Why digests by these two algorithms are not compared, as a clause. */
export function incomparableBecause(a: string, b: string): string {
  return a === b
    ? `of both it was not recorded by which algorithm they are`
    : `those of one run are by ${words(a)}, those of the other by ${words(b)}, and equal bits have unequal digests by two algorithms`;
}
