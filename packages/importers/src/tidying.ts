import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Memory that may pile up unused before it is freed. */
const pile = 32 * 2 ** 20;

/**
 * Frees unused memory each time some has piled up. V8 lets a heap grow to a multiple of what lives in it: beside the histories of ten
 * thousand runs it would gather as much again of texts that were sent long ago.
 */
export function createTidying(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const used = () => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  let lives = 0;
  return () => {
    if (used() < lives + pile) return;
    collect();
    lives = used();
  };
}
