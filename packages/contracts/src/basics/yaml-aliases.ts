/** Anchors and aliases of one document: whoever writes by hand has a few. Reading each looks at all of them. */
const mostAliases = 1_000;

/** Values that a document may have once each alias is what it stands for. */
export const mostValues = 200_000;

/** A document whose aliases would make of it more than can be read. */
export class AliasError extends Error {}

/** What is read here of a node of a YAML document: of a list or mapping, an entry, an alias or a scalar. */
type Node = { anchor?: unknown; source?: unknown; items?: unknown; key?: unknown; value?: unknown };

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

/**
 * Refuses a document whose aliases make of it more than it is, before they are followed: a reader that counts them takes empty lists
 * for nothing, and time that grows with the third power of their number.
 *
 * @param contents the topmost node, as the `yaml` package composes it
 * @param most values that it may have once they are followed
 * @throws {AliasError} for an alias inside what it stands for, too many aliases, or too many values once they are followed
 */
export function checkAliases(contents: unknown, most = mostValues): void {
  const sizes = new Map<string, number | null>();
  let marks = 0;
  let isAliased = false;
  const mark = () => {
    marks += 1;
    if (marks > mostAliases) throw new AliasError(`it has more than ${mostAliases} anchors and aliases`);
  };
  const sizeOf = (node: unknown): number => {
    if (!isNode(node)) return 1;
    if (Array.isArray(node.items) || "value" in node) return sizeOfOwn(node);
    mark();
    isAliased = true;
    const name = String(node.source);
    const size = sizes.get(name);
    if (size === null) throw new AliasError(`*${name} stands inside &${name}, which it stands for`);
    return size ?? 1;
  };
  const sizeOfOwn = (node: Node): number => {
    const name = typeof node.anchor === "string" && node.anchor !== "" ? node.anchor : null;
    if (name !== null) {
      mark();
      sizes.set(name, null);
    }
    const parts = Array.isArray(node.items) ? node.items : "key" in node ? [node.key, node.value] : [];
    let size = 1;
    for (const part of parts) size += sizeOf(part);
    if (isAliased && size > most)
      throw new AliasError(`it has more than ${most} values once each alias is what it stands for`);
    if (name !== null) sizes.set(name, size);
    return size;
  };
  sizeOf(contents);
}
