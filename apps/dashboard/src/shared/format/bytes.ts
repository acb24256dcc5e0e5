import { significant } from "./numbers.js";

const units = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** A size as people say it, in powers of a thousand: "512 bytes", "36.2 kB", "1.05 MB". */
export function fileSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  return `${significant(value)} ${units[unit]}`;
}
