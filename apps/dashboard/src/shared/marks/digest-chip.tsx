import { ActionIcon, CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
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
        <CopyButton value={digest}>
          {({ copied, copy: act }) => (
            <ActionIcon
              variant="subtle"
              size="sm"
              color="gray"
              onClick={act}
              aria-label={copied ? "Digest copied" : "Copy the whole digest"}
            >
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          )}
        </CopyButton>
      ) : null}
    </span>
  );
}
