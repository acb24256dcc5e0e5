import { CopyIcon } from "../ui/copy-icon.js";
import classes from "./digest-chip.module.css";
import { digestColor, shortDigest } from "./digest-marks.js";

/** Eight characters of a digest beside its colour; the whole of it is copied. */
export function DigestChip({ digest, copy = false }: { digest: string | null; copy?: boolean }) {
  if (digest === null) return <span className="dim">–</span>;
  return (
    <span className={classes.chip} title={digest}>
      <span className={classes.color} style={{ background: digestColor(digest) }} aria-hidden />
      <span className="mono">{shortDigest(digest)}</span>
      {copy ? (
        <CopyIcon value={digest} label="Copy the whole digest" copiedLabel="Digest copied" small />
      ) : null}
    </span>
  );
}
