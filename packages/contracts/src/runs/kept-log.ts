/** Characters of an attempt's log that are kept from its beginning, and from its end. */
export const keptLog = { head: 16 * 1024 * 1024, tail: 1024 * 1024 };

/** A line counts as so much more than its text: many short ones are many all the same. */
export const costOfLine = 50;

export const sizeOfLine = ({ text }: { text: string }): number => text.length + costOfLine;

/** What stands in a log where its beginning ends, as long as nothing is left out. */
export const longLogWords = "The log is long: from here on its last lines are kept";

export const leftOutWords = (lines: number): string =>
  `${lines} ${lines === 1 ? "line was" : "lines were"} left out here.`;
