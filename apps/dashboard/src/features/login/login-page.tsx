import { Button, PasswordInput } from "@mantine/core";
import { session } from "@reprise/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { callApi } from "../../shared/api/client.js";
import { useDocumentTitle } from "../../shared/ui/page-title.js";
import { ServerText } from "../../shared/ui/server-text.js";
import classes from "./login-page.module.css";

/** Stands in for every page while the server asks for a token and this browser has none that is valid, or none any more. */
export function LoginPage({ sessionEnded }: { sessionEnded: boolean }) {
  useDocumentTitle("Sign in");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const queryClient = useQueryClient();
  const [token, setToken] = useState("");
  const signIn = useMutation({
    mutationFn: () => callApi(session, "/session", { method: "POST", body: { token: token.trim() } }),
    onSuccess: () => queryClient.resetQueries(),
  });
  return (
    <main className={classes.page} id="main">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        <h1 className={classes.title}>
          <img src="/mark.svg" alt="" width={28} height={28} /> Reprise
        </h1>
        {sessionEnded ? (
          <p role="status">
            <strong>Your session has ended:</strong> the token has expired or was revoked. Sign in again and
            you are back on this page. Studies go on meanwhile.
          </p>
        ) : null}
        <p className="dim small">
          This server asks for a token. The person who runs it has the first one (REPRISE_TOKEN) and makes
          more under Settings.
        </p>
        <PasswordInput
          label="Token"
          autoComplete="current-password"
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          error={signIn.error && !signIn.isPending ? <ServerText text={signIn.error.message} /> : undefined}
          ref={field}
        />
        <Button type="submit" loading={signIn.isPending} disabled={token.trim() === ""}>
          Sign in
        </Button>
        <p className="dim small">It is kept in a cookie that scripts of pages cannot read, for a month.</p>
      </form>
    </main>
  );
}
