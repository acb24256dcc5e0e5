import { Button, NativeSelect, TextInput } from "@mantine/core";
import { createdToken, type Role, role, roles, type Session, type TokenInfo } from "@reprise/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { z } from "zod";
import { callApi } from "../../shared/api/client.js";
import { ConfirmButton } from "../../shared/ui/confirm-button.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { ScrollRegion } from "../../shared/ui/scroll-region.js";
import { Section } from "../../shared/ui/section.js";
import { ServerText } from "../../shared/ui/server-text.js";
import { Snippet } from "../../shared/ui/snippet.js";
import { When } from "../../shared/ui/when.js";
import { tokensQuery } from "./queries.js";
import { SettingsForm } from "./settings-form.js";
import classes from "./tokens-section.module.css";

const roleWords: Record<Role, string> = {
  viewer: "viewer: reads",
  runner: "runner: also creates and steers studies",
  admin: "admin: also makes tokens, manages workers and webhooks",
};

function TokenRow({ token }: { token: TokenInfo }) {
  const queryClient = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => callApi(z.undefined(), `/tokens/${token.id}`, { method: "DELETE" }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["tokens"] }),
  });
  return (
    <tr>
      <th scope="row">{token.name}</th>
      <td>{token.role}</td>
      <td>
        <When at={token.createdAt} />
      </td>
      <td>{token.lastUsedAt ? <When at={token.lastUsedAt} /> : "never"}</td>
      <td>{token.expiresAt ? <When at={token.expiresAt} /> : "when revoked"}</td>
      <td className={classes.end}>
        {token.revokedAt ? (
          <span className="dim">
            revoked <When at={token.revokedAt} />
          </span>
        ) : (
          <ConfirmButton
            label="Revoke"
            question={`Revoke ${token.name}?`}
            consequence="Anyone who uses it is refused from now on. This cannot be undone; a new one can be made."
            confirmLabel="Revoke the token"
            loading={revoke.isPending}
            onConfirm={() => revoke.mutate()}
          />
        )}
      </td>
    </tr>
  );
}

function TokenForm() {
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<Role>("runner");
  const make = useMutation({
    mutationFn: () => callApi(createdToken, "/tokens", { method: "POST", body: { name, role: chosen } }),
    onSuccess: () => setName(""),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["tokens"] }),
  });
  return (
    <>
      <SettingsForm onSubmit={() => make.mutate()}>
        <TextInput
          label="New token for"
          placeholder="notebook of Ada"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={make.error ? <ServerText text={make.error.message} /> : undefined}
        />
        <NativeSelect
          label="Role"
          value={chosen}
          data={roles.map((value) => ({ value, label: roleWords[value] }))}
          onChange={(event) => setChosen(role.parse(event.currentTarget.value))}
        />
        <Button type="submit" loading={make.isPending} disabled={name.trim() === ""}>
          Make a token
        </Button>
      </SettingsForm>
      {make.data ? (
        <div className={classes.made} role="status">
          <p>
            <strong>Copy it now: it is not shown again.</strong> The server keeps only its SHA-256.
          </p>
          <Snippet title={`Token for ${make.data.name}`} text={make.data.token} />
        </div>
      ) : null}
    </>
  );
}

export function TokensSection({ authentication }: { authentication: Session["authentication"] }) {
  const tokens = useQuery(tokensQuery);
  return (
    <Section
      title="Who may use this server?"
      lead={
        authentication === "off"
          ? "Tokens can be made now and are asked for as soon as the server is started with REPRISE_TOKEN."
          : "One token for each person and program, so that each can be revoked separately."
      }
    >
      <TokenForm />
      <QueryView query={tokens} height={20} label="Loading the tokens">
        {(items) =>
          items.length === 0 ? (
            <p className="dim small">No token has been made yet.</p>
          ) : (
            <ScrollRegion label="Tokens">
              <table className="data-table">
                <thead>
                  <tr>
                    <th scope="col">For</th>
                    <th scope="col">Role</th>
                    <th scope="col">Made</th>
                    <th scope="col">Last used</th>
                    <th scope="col">Valid until</th>
                    <th scope="col">
                      <span className="visually-hidden">Revoke</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((token) => (
                    <TokenRow key={token.id} token={token} />
                  ))}
                </tbody>
              </table>
            </ScrollRegion>
          )
        }
      </QueryView>
    </Section>
  );
}
