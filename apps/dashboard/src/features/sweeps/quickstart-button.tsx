import { Button } from "@mantine/core";
import { sweep } from "@reprise/contracts";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { presetsQuery } from "../../shared/api/catalogue-queries.js";
import { callApi } from "../../shared/api/client.js";
import { ErrorState } from "../../shared/ui/states.js";
import classes from "./quickstart-button.module.css";

/** Launches the preset `quickstart` as it stands; the second button shows it first. */
export function QuickstartButton() {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const presets = useQuery(presetsQuery);
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const quickstart = presets.data?.find((preset) => preset.name === "quickstart");
  const launch = useMutation({
    mutationFn: () => callApi(sweep, "/sweeps", { method: "POST", body: quickstart?.spec, idempotencyKey }),
    onSuccess: async (created) => {
      queryClient.setQueryData(["sweep", created.id], created);
      await queryClient.invalidateQueries({ queryKey: ["sweeps"] });
      await navigate({ to: "/sweeps/$sweepId", params: { sweepId: created.id } });
    },
  });
  return (
    <>
      <div className={classes.buttons}>
        <Button
          leftSection={<IconPlayerPlay size={16} />}
          onClick={() => launch.mutate()}
          loading={launch.isPending}
          disabled={!quickstart}
        >
          Launch the quickstart
        </Button>
        <Button
          variant="default"
          renderRoot={(props) => <Link to="/sweeps/new" search={{ preset: "quickstart" }} {...props} />}
        >
          Look at it first
        </Button>
      </div>
      {launch.isError ? <ErrorState error={launch.error} /> : null}
      {presets.data && !quickstart ? (
        <p className="small dim">This server has no preset named quickstart; start with a new sweep.</p>
      ) : null}
    </>
  );
}
