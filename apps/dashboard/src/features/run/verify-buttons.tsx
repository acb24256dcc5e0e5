import { Button } from "@mantine/core";
import type { RunDetail } from "@reprise/contracts";
import { IconRepeat, IconRotateClockwise2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { trainersQuery } from "../../shared/api/queries.js";
import { useVerify } from "./use-verify.js";

/** Verify, and for a free run whose trainer can, replay. */
export function VerifyButtons({ run }: { run: RunDetail }) {
  const verify = useVerify(run);
  const trainers = useQuery(trainersQuery);
  if (run.status !== "succeeded" || run.purpose !== "study") return null;
  const trainer = trainers.data?.find(({ capabilities }) => capabilities.name === run.trainer);
  const canReplay = run.execution.order === "free" && trainer?.capabilities.replay === true;
  const busy = (kind: "verify" | "replay") => verify.isPending && verify.variables === kind;
  return (
    <>
      <Button
        size="xs"
        leftSection={<IconRepeat size={14} />}
        loading={busy("verify")}
        onClick={() => verify.mutate("verify")}
        title="Train it again as it was and compare the two to the bit"
      >
        Verify
      </Button>
      {canReplay ? (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRotateClockwise2 size={14} />}
          loading={busy("replay")}
          onClick={() => verify.mutate("replay")}
          title="Train it again in its recorded summation order, which should give the same bits"
        >
          Replay
        </Button>
      ) : null}
    </>
  );
}
