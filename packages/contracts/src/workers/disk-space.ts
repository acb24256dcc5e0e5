/** Below it people are told: a data set, some checkpoints or a backup may need as much. */
export const lowDiskBytes = 2 * 2 ** 30;

/** Below it the disk counts as full: PostgreSQL writes its journal in pieces of 16 MiB. */
export const fullDiskBytes = 64 * 2 ** 20;

const sizeOf = (bytes: number) =>
  bytes < 2 ** 30 ? `${Math.floor(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** What is said of free space that is too little, of the disk of `what`; null where there is enough, or it is not known. */
export function diskWords(what: string, freeBytes: number | null): string | null {
  if (freeBytes === null || freeBytes >= lowDiskBytes) return null;
  return freeBytes < fullDiskBytes
    ? `The disk of ${what} is full (${sizeOf(freeBytes)} free). Make room on it: everything goes on by itself then.`
    : `The disk of ${what} is nearly full: ${sizeOf(freeBytes)} free.`;
}
