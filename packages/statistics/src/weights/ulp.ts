import { invalidInput } from "../errors.js";

/** A floating-point format: IEEE 754 binary16, bfloat16, binary32, binary64. */
export type FloatFormat = "float16" | "bfloat16" | "float32" | "float64";

export type UlpDistance = {
  /** Number of representable values between a and b, plus one if they differ; null when one is NaN. */
  ulps: bigint | null;
  reason?: string;
};

/**
 * Distance of two numbers in units in the last place of a format: |ord(a) - ord(b)|, where ord maps sign-magnitude bits to
 * ordered integers. +0 and -0 have distance 0, infinities follow the largest finite values. Arguments are rounded to the
 * format first. State the format: an ULP of float32 is 2^29 ULPs of float64. Source: IEEE 754; Dawson (2012).
 */
export function ulpDistance(a: number, b: number, format: FloatFormat = "float64"): UlpDistance {
  if (Number.isNaN(a) || Number.isNaN(b))
    return { ulps: null, reason: "NaN has no place among the numbers." };
  const difference = orderedInteger(a, format) - orderedInteger(b, format);
  return { ulps: difference < 0n ? -difference : difference };
}

/** Format from a width in bits: 16 is IEEE half precision, not bfloat16. */
export function formatOfBits(bits: number): FloatFormat {
  if (bits === 16) return "float16";
  if (bits === 32) return "float32";
  if (bits === 64) return "float64";
  throw invalidInput("bits", bits, "is not the width of a float", "Use 16, 32 or 64.");
}

function orderedInteger(value: number, format: FloatFormat): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (format === "float64") {
    view.setFloat64(0, value);
    return order(view.getBigUint64(0), 64n);
  }
  if (format === "float32") {
    view.setFloat32(0, value);
    return order(BigInt(view.getUint32(0)), 32n);
  }
  const [fractionBits, bias] = format === "float16" ? [10, 15] : [7, 127];
  return narrowOrder(value, fractionBits, bias);
}

/** Sign-magnitude bits to an integer that grows with the number; both zeros map to 0. */
function order(bits: bigint, width: bigint): bigint {
  const sign = 1n << (width - 1n);
  return bits < sign ? bits : -(bits - sign);
}

/** The same for 16-bit formats, which have no typed array in Node 20: round to nearest even, then count. */
function narrowOrder(value: number, fractionBits: number, bias: number): bigint {
  const size = Math.abs(value);
  const largestOrder = (2 * bias + 1) * 2 ** fractionBits;
  const exponent = Math.max(size === 0 ? 1 - bias : Math.floor(Math.log2(size)), 1 - bias);
  // log2 may be off by one next to a power of two; counting steps of the neighbouring exponent gives the same integer.
  const step = 2 ** (exponent - fractionBits);
  const steps = roundToEven(size / step);
  const ordered = Number.isFinite(size) ? steps + (exponent + bias - 1) * 2 ** fractionBits : largestOrder;
  return BigInt(Math.sign(value) * Math.min(ordered, largestOrder));
}

function roundToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
