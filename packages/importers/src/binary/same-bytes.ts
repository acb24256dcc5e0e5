/**
 * Whether bytes stand at a place of others. A loop, because for a name's few bytes the call of `Buffer.compare` takes longer than
 * the comparison.
 */
export function sameBytes(known: Buffer, bytes: Buffer, at: number): boolean {
  for (let index = known.length - 1; index >= 0; index -= 1)
    if (known[index] !== bytes[at + index]) return false;
  return true;
}
