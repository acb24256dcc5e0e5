import { ActionIcon, Button, Group, Menu, Modal, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { filesRemoval, type Sweep, sweep as sweepSchema } from "@reprise/contracts";
import { IconArchive, IconDots, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { callApi } from "../../shared/api/client.js";
import { count } from "../../shared/format/numbers.js";
import { notifyRefused } from "../../shared/ui/notify-refused.js";

/** A study that has ended is put aside, or deleted for good. */
export function RemovalMenu({ sweep }: { sweep: Sweep }) {
  const queryClient = useQueryClient();
  const [asks, { open, close }] = useDisclosure(false);
  const isAside = sweep.archivedAt !== null;
  const archive = useMutation({
    mutationFn: () =>
      callApi(sweepSchema, `/sweeps/${sweep.id}`, { method: "PATCH", body: { archived: !isAside } }),
    onSuccess: (changed) => {
      queryClient.setQueryData(["sweep", sweep.id], changed);
      void queryClient.invalidateQueries({ queryKey: ["sweeps"] });
      notifications.show({
        message: isAside
          ? "Back among the sweeps."
          : "Archived. The list of sweeps shows it under “archived”.",
      });
    },
    onError: (error) => notifyRefused("Could not archive it", error, "The sweep is as it was."),
  });
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label="More actions" loading={archive.isPending}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconArchive size={14} />} onClick={() => archive.mutate()}>
            {isAside ? "Unarchive" : "Archive"}
          </Menu.Item>
          <Menu.Item color="red.9" leftSection={<IconTrash size={14} />} onClick={open}>
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asks} onClose={close} title="Delete this sweep?" centered>
        <Deletion sweep={sweep} onClose={close} />
      </Modal>
    </>
  );
}

/** Nothing brings it back: the name is typed before. */
function Deletion({ sweep, onClose }: { sweep: Sweep; onClose: () => void }) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const remove = useMutation({
    mutationFn: () => callApi(filesRemoval, `/sweeps/${sweep.id}`, { method: "DELETE" }),
    onSuccess: async () => {
      notifications.show({ message: `${sweep.name} is deleted.` });
      await navigate({ to: "/" });
      await queryClient.invalidateQueries({ queryKey: ["sweeps"] });
    },
    onError: (error) => notifyRefused("Could not delete it", error, "The sweep is as it was."),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        remove.mutate();
      }}
    >
      <Text size="sm" c="dimmed" mb="sm">
        {count(sweep.totalRuns, "run")} with all metrics, predictions, logs, verifications and files. Nothing
        brings them back, except a backup.
      </Text>
      <TextInput
        label={`Type its name: ${sweep.name}`}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        data-autofocus
      />
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Keep it
        </Button>
        <Button type="submit" color="red.9" disabled={typed.trim() !== sweep.name} loading={remove.isPending}>
          Delete the sweep
        </Button>
      </Group>
    </form>
  );
}
