import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { PageTitle } from "../shared/ui/page-title.js";
import { EmptyState } from "../shared/ui/states.js";

export function NotFoundPage() {
  return (
    <>
      <PageTitle title="No such page" />
      <EmptyState
        title="Nothing exists at this address."
        action={
          <Button component={Link} to="/">
            Go to the sweeps
          </Button>
        }
      >
        The link may be old or mistyped. Sweeps and runs keep their address for as long as they exist.
      </EmptyState>
    </>
  );
}
