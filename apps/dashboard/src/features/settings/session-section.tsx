import { Button } from "@mantine/core";
import type { Session } from "@reprise/contracts";
import { useMutation } from "@tanstack/react-query";
import { z } from "zod";
import { callApi } from "../../shared/api/client.js";
import { Section } from "../../shared/ui/section.js";

/** Who is asking, and the way out. */
export function SessionSection({ session }: { session: Session }) {
  const signOut = useMutation({
    mutationFn: () => callApi(z.undefined(), "/session", { method: "DELETE" }),
    // What was read with the token goes from the memory of this page, too.
    onSuccess: () => window.location.reload(),
  });
  return (
    <Section
      title="Who are you here?"
      lead={
        session.authentication === "off"
          ? "Authentication is off: everybody on this machine is an administrator, and requests from elsewhere are refused. Start the server with REPRISE_TOKEN to ask for tokens."
          : `${session.name}, with the role ${session.role}.`
      }
    >
      {session.authentication === "off" ? null : (
        <Button variant="default" size="xs" loading={signOut.isPending} onClick={() => signOut.mutate()}>
          Sign out
        </Button>
      )}
    </Section>
  );
}
