import { Button, NumberInput, Popover } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type Sweep, sweep as sweepSchema } from "@reprise/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { callApi } from "../../shared/api/client.js";
import { notifyRefused } from "../../shared/ui/notify-refused.js";

const bounds = { min: -1000, max: 1000 };

/** Which of several sweeps goes first: a higher number is handed out before a lower one. */
export function PriorityMenu({ sweep }: { sweep: Sweep }) {
  const queryClient = useQueryClient();
  const [opened, setOpened] = useState(false);
  const [value, setValue] = useState<number | string>(sweep.priority);
  const change = useMutation({
    mutationFn: (priority: number) =>
      callApi(sweepSchema, `/sweeps/${sweep.id}`, { method: "PATCH", body: { priority } }),
    onSuccess: (changed) => {
      queryClient.setQueryData(["sweep", sweep.id], changed);
      notifications.show({ message: `Priority ${changed.priority}: higher numbers go first.` });
      setOpened(false);
    },
    onError: (error) => notifyRefused("Priority not changed", error, "The sweep is as it was."),
  });
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus position="bottom-end" width={260}>
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          onClick={() => setOpened((now) => !now)}
          aria-label={`Priority ${sweep.priority}`}
        >
          Priority
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (typeof value === "number") change.mutate(value);
          }}
        >
          <NumberInput
            label="Priority"
            description="Queued runs of higher numbers go first."
            {...bounds}
            allowDecimal={false}
            value={value}
            onChange={setValue}
            data-autofocus
          />
          <Button type="submit" size="xs" mt="sm" loading={change.isPending}>
            Set priority
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
