import { Button } from "@mantine/core";
import { When } from "../../shared/ui/when.js";
import { draftOf } from "./draft.js";
import classes from "./draft-notice.module.css";
import type { KeptDraft } from "./drafts.js";
import { readSpec } from "./yaml-spec.js";

/** A draft that was left before it was launched, and the way back to it. */
export function DraftNotice({
  draft,
  onContinue,
  onDiscard,
}: {
  draft: KeptDraft;
  onContinue: () => void;
  onDiscard: () => void;
}) {
  const name = draftOf(readSpec(draft.text).value).name || "a study without a name";
  return (
    <p className={classes.notice} role="status">
      <span>
        You left a draft: <strong>{name}</strong>, changed <When at={new Date(draft.at).toISOString()} />.
      </span>
      <Button size="compact-sm" variant="default" onClick={onContinue}>
        Continue it
      </Button>
      <Button size="compact-sm" variant="subtle" color="gray" onClick={onDiscard}>
        Discard it
      </Button>
    </p>
  );
}
