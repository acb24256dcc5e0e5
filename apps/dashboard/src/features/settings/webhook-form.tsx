import { Button, Checkbox, NativeSelect, PasswordInput, TextInput } from "@mantine/core";
import {
  type WebhookEvent,
  type WebhookKind,
  webhook,
  webhookEvents,
  webhookKind,
  webhookKinds,
} from "@reprise/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, callApi } from "../../shared/api/client.js";
import { ServerText } from "../../shared/ui/server-text.js";
import { SettingsForm } from "./settings-form.js";
import classes from "./webhook-form.module.css";

export const kindWords: Record<WebhookKind, string> = {
  slack: "Slack",
  teams: "Microsoft Teams",
  generic: "any program (JSON)",
};
export const eventWords: Record<WebhookEvent | "test", string> = {
  "sweep-ended": "a sweep has ended",
  "run-failed": "the first run of a sweep has failed",
  test: "test message",
};

/** Address and secret are typed as passwords: they are not shown again, not even here. */
export function WebhookForm() {
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<WebhookKind>("slack");
  const [url, setUrl] = useState("");
  const [secret, setSecret] = useState("");
  const [events, setEvents] = useState<readonly WebhookEvent[]>(webhookEvents);
  const make = useMutation({
    mutationFn: () =>
      callApi(webhook, "/webhooks", {
        method: "POST",
        body: { name, kind, url, events, secret: kind === "generic" && secret !== "" ? secret : null },
      }),
    onSuccess: () => {
      setName("");
      setUrl("");
      setSecret("");
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["webhooks"] }),
  });
  const errorOf = (field: string) => {
    const error = make.error;
    if (!(error instanceof ApiError)) return undefined;
    return error.fieldErrors.find(({ path }) => path === field)?.message;
  };
  return (
    <SettingsForm onSubmit={() => make.mutate()}>
      <TextInput
        label="Name"
        placeholder="lab channel"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={errorOf("name")}
      />
      <NativeSelect
        label="Read by"
        value={kind}
        data={webhookKinds.map((value) => ({ value, label: kindWords[value] }))}
        onChange={(event) => setKind(webhookKind.parse(event.currentTarget.value))}
      />
      <PasswordInput
        label="Address"
        placeholder="https://…"
        autoComplete="off"
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
        error={errorOf("url")}
      />
      {kind === "generic" ? (
        <PasswordInput
          label="Secret that signs messages"
          placeholder="none"
          autoComplete="off"
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
          error={errorOf("secret")}
        />
      ) : null}
      <fieldset className={classes.events}>
        <legend>Tell when</legend>
        {webhookEvents.map((event) => (
          <Checkbox
            key={event}
            label={eventWords[event]}
            checked={events.includes(event)}
            onChange={(change) =>
              setEvents(
                change.currentTarget.checked ? [...events, event] : events.filter((other) => other !== event),
              )
            }
          />
        ))}
      </fieldset>
      <Button
        type="submit"
        loading={make.isPending}
        disabled={name.trim() === "" || url === "" || events.length === 0}
      >
        Add the webhook
      </Button>
      {make.error && !errorOf("url") && !errorOf("secret") && !errorOf("name") ? (
        <p role="alert" className="bad">
          <ServerText text={make.error.message} /> Nothing was added.
        </p>
      ) : null}
    </SettingsForm>
  );
}
