import { encodeNumber, type TensorDistance } from "@reprise/contracts";

/** Place of a float32 in the order of all floats, from its bits: neighbours differ by 1, −0 and +0 share a place. */
const placeOf = (bits: number) => (bits < 0 ? -(bits & 0x7fffffff) : bits);

/**
 * How far two float32 tensors of equal size lie apart, element by element. Units in the last place: how many floats lie
 * between, plus one (Goldberg 1991). Relative error: |a − b| / max(|a|, |b|), so that neither side is taken for the truth.
 * Elements with equal bits count as equal, NaN included; an element of which one side is no finite number lies infinitely far.
 *
 * @throws RangeError for tensors of different size
 */
export function tensorDistance(tensor: string, a: Float32Array, b: Float32Array): TensorDistance {
  if (a.length !== b.length)
    throw new RangeError(
      `Tensor ${tensor} has ${a.length} numbers on one side and ${b.length} on the other.`,
    );
  const [left, right] = [a, b].map(
    (values) => new Int32Array(values.buffer, values.byteOffset, values.length),
  );
  let differing = 0;
  let maxUlp = 0;
  let maxRelativeError = 0;
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [left?.[i] ?? 0, right?.[i] ?? 0];
    if (p === q) continue;
    differing += 1;
    const [x, y] = [a[i] ?? 0, b[i] ?? 0];
    const finite = Number.isFinite(x) && Number.isFinite(y);
    maxUlp = Math.max(maxUlp, finite ? Math.abs(placeOf(p) - placeOf(q)) : Number.POSITIVE_INFINITY);
    const scale = Math.max(Math.abs(x), Math.abs(y));
    const relative = finite ? (scale === 0 ? 0 : Math.abs(x - y) / scale) : Number.POSITIVE_INFINITY;
    maxRelativeError = Math.max(maxRelativeError, relative);
  }
  return {
    tensor,
    size: a.length,
    differing,
    maxUlp: encodeNumber(maxUlp),
    maxRelativeError: encodeNumber(maxRelativeError),
  };
}
