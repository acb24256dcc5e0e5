/** Names that stand in the address in one text, separated by commas; a comma within a name has a backslash before it. */
export const namesIn = (text: string): string[] =>
  (text.match(/(?:\\.|[^,\\])+/gsu) ?? []).map((name) => name.replace(/\\(.)/gsu, "$1"));

export const namesText = (names: readonly string[]): string =>
  names.map((name) => name.replace(/[\\,]/g, "\\$&")).join(",");
