import { Tick } from "./marks.js";

/** Size of the letters of a tick, in pixels. */
const tickSize = 11;
/** Width of a character by the size of its letters. */
const characterWidth = 5.9 / tickSize;
const lineHeight = 13;

/** Words on as many lines as they need, a word that is too long cut; at most `lines`, the last with an ellipsis. */
export function wrapWords(text: string, width: number, lines = 4, size = tickSize): string[] {
  const room = Math.max(3, Math.floor(width / (size * characterWidth)));
  const cut = (word: string) => (word.length > room ? `${word.slice(0, room - 1)}…` : word);
  const wrapped: string[] = [];
  for (const word of text.split(" ").map(cut)) {
    const last = wrapped.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room)
      wrapped[wrapped.length - 1] = `${last} ${word}`;
    else wrapped.push(word);
  }
  if (wrapped.length <= lines) return wrapped;
  return [...wrapped.slice(0, lines - 1), cut(`${wrapped[lines - 1]} …`)];
}

/** How high a row of such labels is. */
export const wrappedHeight = (labels: readonly string[], width: number) =>
  Math.max(1, ...labels.map((label) => wrapWords(label, width).length)) * lineHeight;

/** A label under its place on an axis. */
export function WrappedLabel({ text, x, y, width }: { text: string; x: number; y: number; width: number }) {
  return (
    <Tick x={x} y={y} textAnchor="middle">
      {wrapWords(text, width).map((words, line) => (
        <tspan key={words} x={x} dy={line === 0 ? 0 : lineHeight}>
          {words}
        </tspan>
      ))}
    </Tick>
  );
}
