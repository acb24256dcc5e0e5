/** A text as a string of CSS: whatever is no letter, digit or space is written by its number. */
const cssString = (text: string) =>
  `"${text.replace(/[^\p{L}\p{N} ]/gu, (character) => `\\${(character.codePointAt(0) ?? 32).toString(16)} `)}"`;

/** Rules that give a printed document its running title, from the second page on, and the numbers of its pages. */
export const printedPage = (title: string) => `@page {
  size: A4; margin: 20mm 17mm 18mm;
  @top-left { content: ${cssString(title)}; font: 8pt system-ui, sans-serif; color: #555; }
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt system-ui, sans-serif; color: #555; }
}
@page :first { @top-left { content: ""; } }`;
