import { absolute, relative } from "../format/time.js";
import { useNow } from "./use-now.js";

/** A moment relative to now, with the absolute time as its title. */
export function When({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={absolute(at)}>
      {relative(at, now)}
    </time>
  );
}
