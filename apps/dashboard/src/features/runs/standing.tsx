import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { When } from "../../shared/ui/when.js";
import classes from "./standing.module.css";

/** How much was found and when it was read, above what was found. */
export function Standing({
  found,
  readAt,
  children,
}: {
  found: string;
  /** Milliseconds since 1970; 0 before anything was read. */
  readAt: number;
  children?: ReactNode;
}) {
  const queryClient = useQueryClient();
  return (
    <div className={classes.standing}>
      <span>{found}</span>
      {readAt > 0 ? (
        <span className="dim">
          read <When at={new Date(readAt).toISOString()} />
        </span>
      ) : null}
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        leftSection={<IconRefresh size={14} />}
        onClick={() => void queryClient.invalidateQueries({ queryKey: ["runs"] })}
      >
        Refresh
      </Button>
      <span className={classes.standingTools}>{children}</span>
    </div>
  );
}
