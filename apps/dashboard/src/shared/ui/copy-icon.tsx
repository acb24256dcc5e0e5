import { ActionIcon, CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

/** Browsers let a page write to the clipboard on this machine and over https only: over plain http from elsewhere there is none. */
export const hasClipboard = (): boolean => "clipboard" in navigator && navigator.clipboard !== undefined;

/** A small button that copies `value`; nothing where the browser does not let a page copy. */
export function CopyIcon({
  value,
  label,
  copiedLabel,
  small = false,
}: {
  value: string;
  label: string;
  copiedLabel: string;
  small?: boolean;
}) {
  if (!hasClipboard()) return null;
  const size = small ? 14 : 16;
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <ActionIcon
          variant="subtle"
          {...(small ? { size: "sm" } : {})}
          color="gray"
          onClick={copy}
          aria-label={copied ? copiedLabel : label}
        >
          {copied ? <IconCheck size={size} /> : <IconCopy size={size} />}
        </ActionIcon>
      )}
    </CopyButton>
  );
}
