import { Button, TextInput } from "@mantine/core";
import { furtherSeeds, seedsOfText, seedText } from "@reprise/contracts";
import { IconPlus } from "@tabler/icons-react";
import { count } from "../../shared/format/numbers.js";
import type { Draft, Edit } from "./draft.js";
import { useFieldError } from "./field-errors.js";
import classes from "./seeds-field.module.css";
import { useTypedText } from "./use-typed-text.js";

const further = 5;

const readSeeds = (text: string) => {
  const read = seedsOfText(text);
  return "seeds" in read ? { value: read.seeds } : read;
};

/** Seeds as they are typed, `0-4, 42`, and a button for five more. */
export function SeedsField({ draft, edit }: { draft: Draft; edit: Edit }) {
  const mistake = useFieldError("seeds");
  const { text, type, wrong } = useTypedText({
    value: draft.seeds,
    textOf: () => seedText(draft.seeds),
    read: readSeeds,
    onCommit: (seeds) => edit(["seeds"], seeds),
  });
  const more = () => {
    const typed = text.trim().replace(/[,;]$/, "");
    type(`${typed}${typed === "" ? "" : ", "}${seedText(furtherSeeds(draft.seeds, further))}`);
  };
  return (
    <div className={classes.seeds}>
      <TextInput
        label="Seeds"
        description={`${count(draft.seeds.length, "seed")}; ranges and lists: 0-4, 7, 42`}
        value={text}
        error={wrong ?? mistake}
        styles={{ input: { fontFamily: "var(--mono)", fontSize: "0.8125rem" } }}
        onChange={(event) => type(event.currentTarget.value)}
      />
      <Button variant="default" leftSection={<IconPlus size={14} />} disabled={wrong !== null} onClick={more}>
        Five more
      </Button>
    </div>
  );
}
