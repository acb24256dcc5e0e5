import { Button, Menu } from "@mantine/core";
import { otherWorker, type RunDetail } from "@reprise/contracts";
import { IconChevronDown, IconRepeat, IconRotateClockwise2, IconServer2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { trainersQuery } from "../../shared/api/worker-queries.js";
import { withoutCodeMarks } from "../../shared/ui/server-text.js";
import { runVerificationsQuery } from "./queries.js";
import { useVerify } from "./use-verify.js";

const anotherWorker = "On another worker";

/** Verify, the same on another worker, and for a free run whose trainer can, replay. */
export function VerifyButtons({ run }: { run: RunDetail }) {
  const verify = useVerify(run);
  const trainers = useQuery(trainersQuery);
  const repeatable = run.status === "succeeded" && run.purpose === "study" && !run.origin;
  const verifications = useQuery({ ...runVerificationsQuery(run.id), enabled: repeatable });
  if (!repeatable) return null;
  const trainer = trainers.data?.find(({ capabilities }) => capabilities.name === run.trainer);
  const isFree = run.execution.order === "free";
  const canReplay = isFree && trainer?.capabilities.replay === true;
  const { workers = [], refusal = null } = verifications.data?.elsewhere ?? {};
  const asked = verify.isPending ? verify.variables : null;
  const busyElsewhere = asked?.worker !== undefined;
  const elsewhere = {
    size: "xs",
    variant: "default",
    leftSection: <IconServer2 size={14} />,
    loading: busyElsewhere,
  } as const;
  return (
    <>
      <Button
        size="xs"
        leftSection={<IconRepeat size={14} />}
        loading={asked?.kind === "verify" && !busyElsewhere}
        onClick={() => verify.mutate({ kind: "verify" })}
        title="Train it again as it was and compare the two to the bit"
      >
        Verify
      </Button>
      {workers.length > 1 ? (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button {...elsewhere} rightSection={<IconChevronDown size={14} />}>
              {anotherWorker}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => verify.mutate({ kind: "verify", worker: otherWorker })}>
              Whichever is free first
            </Menu.Item>
            {workers.map((name) => (
              <Menu.Item key={name} onClick={() => verify.mutate({ kind: "verify", worker: name })}>
                {name}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      ) : (
        <Button
          {...elsewhere}
          disabled={workers.length === 0}
          onClick={() => verify.mutate({ kind: "verify", worker: otherWorker })}
          title={withoutCodeMarks(
            refusal ?? `Train it again on ${workers.join()} and compare the two to the bit`,
          )}
        >
          {anotherWorker}
        </Button>
      )}
      {canReplay || (isFree && trainers.isPending) ? (
        <Button
          size="xs"
          disabled={!canReplay}
          variant="default"
          leftSection={<IconRotateClockwise2 size={14} />}
          loading={asked?.kind === "replay"}
          onClick={() => verify.mutate({ kind: "replay" })}
          title="Train it again in its recorded summation order, which should give the same bits"
        >
          Replay
        </Button>
      ) : null}
    </>
  );
}
