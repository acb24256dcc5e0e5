import { Section } from "../../shared/ui/section.js";
import { Snippet } from "../../shared/ui/snippet.js";
import classes from "./add-worker.module.css";

/** What to type on another machine. Addresses are placeholders: the browser does not get to know passwords. */
const command = `DATABASE_URL='postgres://USER:PASSWORD@SERVER:5432/reprise' \\
REDIS_URL='redis://SERVER:6379' \\
REPRISE_DATA=/path/to/data-sets \\
npx pnpm reprise worker`;

/** How another machine comes to train, too. */
export function AddWorker() {
  return (
    <Section
      title="How does another machine help?"
      lead="Take the same version of Reprise there and start a worker with the addresses that this server has in DATABASE_URL and REDIS_URL. It announces what it can do and takes runs at once."
    >
      <div className={classes.add}>
        <Snippet title="On the other machine" text={command} />
        <p className="small dim prose">
          Leave out REDIS_URL where the server has none, and REPRISE_DATA where only built-in data sets are
          needed. A server started with <span className="mono">npx pnpm start</span> keeps its own PostgreSQL
          on this machine alone: for more machines start <span className="mono">npx pnpm reprise api</span>{" "}
          with a PostgreSQL that all can reach.
        </p>
      </div>
    </Section>
  );
}
