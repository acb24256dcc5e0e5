import { invalidInput } from "../errors.js";

/** A printed number: its value, and half a unit of its last decimal. */
export type Rounded = { value: number; half: number };

export type ProportionOfCases = {
  /** Null where the cases are so many that every printed number is possible. */
  possible: boolean | null;
  /** The counts whose shares lie nearest below and above. */
  below: number;
  above: number;
};

const room = 1e-9;

/**
 * Is a printed share k/N for a whole k? Shares are 0..1. The share may have been rounded in any way or cut off, therefore k/N
 * may lie from half a unit below to a whole unit above the printed number. Source: GRIM (Brown and Heathers 2017) for counts.
 */
export function proportionOfCases({ value, half, cases }: Rounded & { cases: number }): ProportionOfCases {
  if (!(Number.isInteger(cases) && cases > 0))
    throw invalidInput("cases", cases, "must be a number of cases", "Use a whole number from 1.");
  const below = Math.max(0, Math.floor(value * cases + room));
  const above = Math.min(cases, below + 1);
  // Rounding leaves gaps only where the shares stand further apart than the printed decimals.
  if (2 * half * cases >= 1) return { possible: null, below, above };
  const first = Math.ceil((value - half) * cases - room * cases);
  const possible = first / cases < value + 2 * half + room && first <= cases;
  return { possible, below, above };
}

/** Work grows with the number of cases; beyond this, rates to a few decimals fit some division almost always. */
const maxCases = 100_000;

/**
 * Is there a division of N cases into P positive and N − P negative ones, with whole numbers of true positives and true
 * negatives, whose accuracy, sensitivity and specificity round (or are cut off) to the printed rates? All rates 0..1. Null
 * where N is too large to try.
 */
export function twoByTwoOfRates(given: {
  accuracy: Rounded;
  sensitivity: Rounded;
  specificity: Rounded;
  cases: number;
}): boolean | null {
  const { accuracy, sensitivity, specificity, cases } = given;
  if (!(Number.isInteger(cases) && cases > 1))
    throw invalidInput("cases", cases, "must be a number of cases", "Use a whole number from 2.");
  if (cases > maxCases) return null;
  const counts = ({ value, half }: Rounded, of: number): [number, number] => [
    Math.max(0, Math.ceil((value - half) * of - room * of)),
    Math.min(of, Math.floor((value + 2 * half) * of + room * of)),
  ];
  const [fewest, most] = counts(accuracy, cases);
  for (let positives = 1; positives < cases; positives += 1) {
    const [tpLow, tpHigh] = counts(sensitivity, positives);
    const [tnLow, tnHigh] = counts(specificity, cases - positives);
    if (tpLow > tpHigh || tnLow > tnHigh) continue;
    if (tpLow + tnLow <= most && tpHigh + tnHigh >= fewest) return true;
  }
  return false;
}
