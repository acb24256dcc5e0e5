import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
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
  const [openedAt] = useState(() => Date.now());
  return (
    <div className={classes.standing}>
      <span>{found}</span>
      <span className={`dim ${classes.read}`} data-unread={readAt === 0 || undefined}>
        read <When at={new Date(readAt > 0 ? readAt : openedAt).toISOString()} />
      </span>
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
