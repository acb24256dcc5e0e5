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

const memoryUnits = [
  { unit: "KiB", bytes: 2 ** 10 },
  { unit: "MiB", bytes: 2 ** 20 },
  { unit: "GiB", bytes: 2 ** 30 },
  { unit: "TiB", bytes: 2 ** 40 },
] as const;

/** The unit of memory in which an amount is at least 1. */
export function memoryUnit(bytes: number): { unit: string; bytes: number } {
  return memoryUnits.findLast((each) => bytes >= each.bytes) ?? memoryUnits[0];
}

/** An amount of memory, in powers of 1,024 as machines are built: "96.4 MiB", "7.62 GiB". */
export function memorySize(bytes: number): string {
  const { unit, bytes: size } = memoryUnit(bytes);
  return `${significant(bytes / size)} ${unit}`;
}
