import { ActionIcon, Button, Group, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import classes from "./groups-editor.module.css";

export type ComparedGroup = { name: string; filter: string };

/** Groups by name and filter; handed on when a field is left, so that a half-written filter asks nothing. */
export function GroupsEditor({
  groups,
  onGroups,
}: {
  groups: readonly ComparedGroup[];
  onGroups: (groups: ComparedGroup[]) => void;
}) {
  const [draft, setDraft] = useState<ComparedGroup[]>([...groups]);
  useEffect(() => setDraft([...groups]), [groups]);
  const change = (index: number, part: Partial<ComparedGroup>) =>
    setDraft(draft.map((group, at) => (at === index ? { ...group, ...part } : group)));
  const hand = () => {
    if (JSON.stringify(draft) !== JSON.stringify(groups)) onGroups(draft);
  };
  if (draft.length === 0) return null;
  return (
    <form
      className={classes.groups}
      onSubmit={(event) => {
        event.preventDefault();
        hand();
      }}
    >
      {draft.map((group, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a group has no identity but its place
        <div key={index} className={classes.group}>
          <TextInput
            size="xs"
            aria-label={`Name of group ${index + 1}`}
            value={group.name}
            onChange={(event) => change(index, { name: event.currentTarget.value })}
            onBlur={hand}
          />
          <TextInput
            size="xs"
            aria-label={`Filter of group ${index + 1}`}
            placeholder="params.optimizer = 'adam' and arm = 'free'"
            value={group.filter}
            onChange={(event) => change(index, { filter: event.currentTarget.value })}
            onBlur={hand}
            classNames={{ input: "mono" }}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove group ${index + 1}`}
            onClick={() => onGroups(draft.filter((_, at) => at !== index))}
          >
            <IconTrash size={16} stroke={1.6} />
          </ActionIcon>
        </div>
      ))}
      <Group gap={8} mt={4} mb={12}>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => onGroups([...draft, { name: `group ${draft.length + 1}`, filter: "" }])}
        >
          Add a group
        </Button>
        <button type="submit" hidden />
      </Group>
    </form>
  );
}
