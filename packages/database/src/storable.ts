/**
 * PostgreSQL text cannot hold the NUL character nor half a surrogate pair, and trainers print anything: both become
 * the replacement character.
 */
export function storableText(text: string): string {
  return text.replaceAll("\0", "\uFFFD").replace(/\p{Surrogate}/gu, "\uFFFD");
}

/** The JSON text of a value, with every string in it storable. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "string" ? storableText(item) : item,
  );
}

/** The same for a JSON column of the typed client. */
export function storable<T>(value: T): T {
  return JSON.parse(storableJson(value));
}
