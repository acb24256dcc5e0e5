/** What the server, a trainer or a worker says, with `code` in backticks set as code. */
export function ServerText({ text }: { text: string }) {
  const parts = text.split(/`([^`]+)`/);
  // Every other part stood between backticks; parts keep their places as long as the text is the same.
  return parts.map((part, place) => {
    const key = `${place} ${part}`;
    return place % 2 === 1 ? <code key={key}>{part}</code> : <span key={key}>{part}</span>;
  });
}

/** The same where only plain text can stand. */
export const withoutCodeMarks = (text: string) => text.replaceAll("`", "");
