/** Twelve hues, 30 degrees of OKLCH apart, readable on light and dark ground. */
export const digestHues = [
  "#d2666a",
  "#ba5d1d",
  "#b07d14",
  "#808000",
  "#5a9a4b",
  "#00946d",
  "#009aa3",
  "#0087bc",
  "#5b8cdf",
  "#7b69c6",
  "#ae6fbe",
  "#b55386",
] as const;

const textures = ["rising", "falling", "dots", "cross", "rows", "columns"] as const;
export type Texture = (typeof textures)[number];

/** How one digest is drawn within its row. */
export type DigestMark = {
  color: string;
  /** Plain for a digest that several runs share, textured for one that stands alone. */
  texture: Texture | null;
  /** A, B, C, … in order of appearance, for words. */
  letter: string;
  /** How many runs of the row ended with it. */
  shared: number;
};

/** FNV-1a over the text: stable over sessions, so a digest keeps its colour. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}

/** The colour of a digest on its own, outside a row. */
export function digestColor(digest: string): string {
  return digestHues[hashOf(digest) % digestHues.length] ?? digestHues[0];
}

function letterOf(index: number): string {
  return index < 26
    ? String.fromCharCode(65 + index)
    : letterOf(Math.floor(index / 26) - 1) + letterOf(index % 26);
}

/**
 * Marks for the digests of one row (a configuration and seed), in order of appearance. Colour comes from the digest;
 * where two different digests of the row would look alike, the later one moves to the next free look, so that within
 * a row equal looks mean equal digests (up to 12 shared digests and 72 lone ones).
 */
export function digestMarks(digests: readonly (string | null)[]): Map<string, DigestMark> {
  const counts = new Map<string, number>();
  for (const digest of digests) if (digest) counts.set(digest, (counts.get(digest) ?? 0) + 1);
  const marks = new Map<string, DigestMark>();
  const takenShared = new Set<number>();
  const takenAlone = new Set<number>();
  for (const [digest, shared] of counts) {
    const hash = hashOf(digest);
    const looks = shared > 1 ? digestHues.length : digestHues.length * textures.length;
    const taken = shared > 1 ? takenShared : takenAlone;
    let look = hash % looks;
    for (let tries = 0; taken.has(look) && tries < looks; tries++) look = (look + 1) % looks;
    taken.add(look);
    marks.set(digest, {
      color: digestHues[look % digestHues.length] ?? digestHues[0],
      texture: shared > 1 ? null : (textures[Math.floor(look / digestHues.length) % textures.length] ?? null),
      letter: letterOf(marks.size),
      shared,
    });
  }
  return marks;
}

/** Eight characters, as digests are shown. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 8);
}
