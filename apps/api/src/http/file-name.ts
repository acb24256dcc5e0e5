/** A file name that every system takes, from a name that a person chose. */
export const fileName = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, 80) || "sweep";
