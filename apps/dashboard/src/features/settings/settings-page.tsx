import { useQuery } from "@tanstack/react-query";
import { sessionQuery } from "../../shared/api/session-query.js";
import { PageTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { EmptyState } from "../../shared/ui/states.js";
import { MaintenanceLine } from "./maintenance-line.js";
import { SessionSection } from "./session-section.js";
import { TokensSection } from "./tokens-section.js";
import { WebhooksSection } from "./webhooks-section.js";

/** Who may do what, and who is told. */
export function SettingsPage() {
  const session = useQuery(sessionQuery);
  return (
    <>
      <PageTitle
        title="Settings"
        lead="Who may use this server, and where it announces that a study has ended."
      />
      <QueryView query={session} height={480} label="Loading the settings">
        {(who) =>
          who === null ? null : (
            <>
              <SessionSection session={who} />
              <MaintenanceLine />
              {who.role === "admin" ? (
                <>
                  <WebhooksSection />
                  <TokensSection authentication={who.authentication} />
                </>
              ) : (
                <EmptyState title="Tokens and webhooks require the role admin.">
                  Yours is {who.role}. Ask the person who runs this server for a token of that role.
                </EmptyState>
              )}
            </>
          )
        }
      </QueryView>
    </>
  );
}
