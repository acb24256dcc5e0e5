import { Button } from "@mantine/core";
import { type Webhook, webhook } from "@reprise/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { z } from "zod";
import { callApi } from "../../shared/api/client.js";
import { ConfirmButton } from "../../shared/ui/confirm-button.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { Section } from "../../shared/ui/section.js";
import { When } from "../../shared/ui/when.js";
import { webhooksQuery } from "./queries.js";
import { eventWords, kindWords, WebhookForm } from "./webhook-form.js";
import classes from "./webhooks-section.module.css";

function LastDelivery({ item }: { item: Webhook }) {
  const last = item.lastDelivery;
  if (!last) return <p className="small dim">Nothing to tell yet.</p>;
  const tries = last.tries === 1 ? "first try" : `${last.tries} tries`;
  return (
    <p className="small" role="status">
      {last.status === "delivered" ? (
        "Delivered"
      ) : last.status === "pending" ? (
        "On its way"
      ) : (
        <strong className="bad">Given up</strong>
      )}
      : {eventWords[last.event]}, <When at={last.at} />
      {last.tries > 0 ? `, ${tries}` : ""}
      {last.answer ? `, ${last.answer}` : ""}
    </p>
  );
}

function WebhookCard({ item }: { item: Webhook }) {
  const queryClient = useQueryClient();
  const settled = { onSettled: () => queryClient.invalidateQueries({ queryKey: ["webhooks"] }) };
  const test = useMutation({
    mutationFn: () => callApi(webhook, `/webhooks/${item.id}/test`, { method: "POST" }),
    ...settled,
  });
  const remove = useMutation({
    mutationFn: () => callApi(z.undefined(), `/webhooks/${item.id}`, { method: "DELETE" }),
    ...settled,
  });
  return (
    <li className={classes.webhook}>
      <div>
        <h3>{item.name}</h3>
        <p className="small dim">
          {kindWords[item.kind]} at {item.host}
          {item.signed ? ", signed" : ""}: {item.events.map((event) => eventWords[event]).join("; ")}
        </p>
        <LastDelivery item={item} />
      </div>
      <div className={classes.actions}>
        <Button variant="default" size="xs" loading={test.isPending} onClick={() => test.mutate()}>
          Send a test
        </Button>
        <ConfirmButton
          label="Remove"
          question={`Remove ${item.name}?`}
          consequence="No more messages are sent there, and those on their way are dropped. Studies are not touched."
          confirmLabel="Remove the webhook"
          loading={remove.isPending}
          onConfirm={() => remove.mutate()}
        />
      </div>
    </li>
  );
}

export function WebhooksSection() {
  const webhooks = useQuery(webhooksQuery);
  return (
    <Section
      title="Who is notified when a study ends?"
      lead="Messages are sent by the server and tried again for about two hours if there is no answer."
    >
      <QueryView query={webhooks} height={20} label="Loading the webhooks">
        {(items) =>
          items.length === 0 ? (
            <p className="dim small">No one yet.</p>
          ) : (
            <ul className={classes.webhooks} aria-label="Webhooks">
              {items.map((item) => (
                <WebhookCard key={item.id} item={item} />
              ))}
            </ul>
          )
        }
      </QueryView>
      <WebhookForm />
    </Section>
  );
}
