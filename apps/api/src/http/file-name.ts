/** A file name that every system takes, from a name that a person chose. */
export const fileName = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, 80) || "sweep";

/** Letters and digits of any script, with what plain file names have between them. */
const readableName = (text: string): string =>
  [...text.replace(/[^\p{L}\p{M}\p{N}._-]+/gu, "-").replace(/^[-.]+|[-.]+$/g, "")].slice(0, 80).join("");

const percentEncoded = (text: string) =>
  encodeURIComponent(text).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** The header by which an answer is saved as a file; names in other scripts keep them (RFC 6266). */
export function attachment(name: string, suffix: string): string {
  const plain = `attachment; filename="${fileName(name)}.${suffix}"`;
  const readable = readableName(name);
  const isPlain = /^[\u0020-\u007e\u00a0-\u024f]*$/.test(readable);
  return isPlain ? plain : `${plain}; filename*=UTF-8''${percentEncoded(`${readable}.${suffix}`)}`;
}
