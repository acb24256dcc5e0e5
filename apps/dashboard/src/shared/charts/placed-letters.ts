/** What a reader takes for one letter, with its place in the text; `run` counts stretches that are read from the right, and is null outside them. */
export type FoundLetter = { text: string; index: number; run: number | null };

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

const fromRight =
  "\\p{Script=Hebrew}\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Thaana}\\p{Script=Nko}\\p{Script=Samaritan}\\p{Script=Mandaic}\\p{Script=Adlam}";
/**
 * From a letter that is read from the right to the last such letter, or number behind one, before a letter that is read from the left:
 * what Unicode's bidirectional algorithm (UAX #9) turns around as a whole in a text that is read from the left.
 */
const turned = new RegExp(
  `[${fromRight}](?:(?:(?!\\p{L})[^]|[${fromRight}])*[${fromRight}\\p{M}\\p{N}])?`,
  "gu",
);

/** The letters of a text without its spaces; within a stretch that is read from the right, spaces belong to it. */
export function lettersIn(text: string): FoundLetter[] {
  const runs = [...text.matchAll(turned)].map(({ index, 0: { length } }) => ({
    from: index,
    to: index + length,
  }));
  return [...segmenter.segment(text)]
    .map(({ segment, index }): FoundLetter => {
      const run = runs.findIndex(({ from, to }) => index >= from && index < to);
      return { text: segment, index, run: run < 0 ? null : run };
    })
    .filter(({ text: letter, run }) => run !== null || letter.trim() !== "");
}

/**
 * Letters at their places. Those of a stretch that is read from the right are one piece for each line, at its left end: their forms
 * join, and only together are they in order.
 *
 * @param placeOf the left end of a letter and its baseline, in pixels
 */
export function placed(
  letters: readonly FoundLetter[],
  placeOf: (letter: FoundLetter) => { x: number; y: number },
): { text: string; x: number; y: number }[] {
  const pieces: { text: string; x: number; y: number; run: number | null }[] = [];
  for (const letter of letters) {
    const { x, y } = placeOf(letter);
    const last = pieces.at(-1);
    if (last && letter.run !== null && last.run === letter.run && Math.abs(last.y - y) < 1) {
      last.text += letter.text;
      last.x = Math.min(last.x, x);
    } else pieces.push({ text: letter.text, x, y, run: letter.run });
  }
  return pieces.map(({ text, x, y }) => ({ text, x, y }));
}
