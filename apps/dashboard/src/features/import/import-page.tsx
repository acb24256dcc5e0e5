import { Button, Progress, TextInput } from "@mantine/core";
import { formatLabels, type ImportDecisions, type ImportPreview } from "@reprise/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { ApiError } from "../../shared/api/client.js";
import { fileSize } from "../../shared/format/bytes.js";
import { count } from "../../shared/format/numbers.js";
import { PageTitle } from "../../shared/ui/page-title.js";
import { Section } from "../../shared/ui/section.js";
import { ErrorState, Placeholder } from "../../shared/ui/states.js";
import { CellStrip } from "./cell-strip.js";
import { DropArea } from "./drop-area.js";
import type { ChosenFile } from "./dropped-files.js";
import classes from "./import-page.module.css";
import { discard, importInto, type Uploaded, uploadFiles, usePreview, useProgress } from "./queries.js";
import { Questions } from "./questions.js";

function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul className={classes.lines}>
        {lines.slice(0, 12).map((line) => (
          <li key={line}>{line}</li>
        ))}
        {lines.length > 12 ? <li>and {count(lines.length - 12)} more</li> : null}
      </ul>
    </div>
  );
}

function foundWords({ format, found, proposal }: ImportPreview): string {
  const { runs } = proposal;
  const ended = (status: string) => runs.filter((run) => run.status === status).length;
  const others = (["failed", "killed", "crashed", "pruned", "running"] as const)
    .filter((status) => ended(status) > 0)
    .map((status) => `${ended(status)} ${status}`);
  return `${formatLabels[format]}: ${count(found.runs, "run")}${others.length > 0 ? ` (${others.join(", ")})` : ""} with ${count(found.points, "point")} of ${count(found.metrics.length, "metric")}.`;
}

function Found({ preview }: { preview: ImportPreview }) {
  const { proposal, setAside, warnings } = preview;
  return (
    <>
      <CellStrip proposal={proposal} />
      <div className={classes.beside}>
        <Lines title="What is uneven" lines={proposal.unbalanced} />
        <Lines title="What these files cannot tell" lines={proposal.unknowable} />
        <Lines
          title="Files that are not runs, or were not read"
          lines={[
            ...setAside.map(({ name, reason }) => `${name}: ${reason}`),
            ...warnings.map(({ file, reason }) => `${file}: ${reason}`),
          ]}
        />
      </div>
    </>
  );
}

function Uploading({ files, sent }: { files: readonly ChosenFile[]; sent: Uploaded }) {
  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  return (
    <div className={classes.uploading} aria-live="polite">
      <p>
        Uploading: {count(sent.files)} of {count(files.length, "file")}, {fileSize(sent.bytes)} of{" "}
        {fileSize(total)}
      </p>
      <Progress value={total === 0 ? 0 : (100 * sent.bytes) / total} aria-label="Uploaded" />
    </div>
  );
}

/** Files of another tracker, what would be made of them, the questions, and the button that writes. */
export function ImportPage() {
  const [files, setFiles] = useState<ChosenFile[]>([]);
  const [sent, setSent] = useState<Uploaded>({ files: 0, bytes: 0 });
  const [decisions, setDecisions] = useState<ImportDecisions>({});
  const [name, setName] = useState("");
  const [dataset, setDataset] = useState("");
  const client = useQueryClient();
  const upload = useMutation({
    mutationFn: (chosen: ChosenFile[]) => uploadFiles(chosen, setSent, new AbortController().signal),
  });
  const session = upload.data?.id ?? null;
  const last = useRef<string | null>(null);
  last.current = session;
  useEffect(() => () => void (last.current && discard(last.current)), []);
  const preview = usePreview(session, decisions);
  // The same for every press of one button while nothing else is chosen: an answer that was lost is given again.
  const { key } = useMemo(
    () => ({ of: [session, decisions, name, dataset], key: crypto.randomUUID() }),
    [session, decisions, name, dataset],
  );
  const write = useMutation({
    mutationFn: (into: "new" | undefined) =>
      importInto(
        session ?? "",
        {
          ...decisions,
          ...(name.trim() ? { name: name.trim() } : {}),
          ...(dataset.trim() ? { dataset: dataset.trim() } : {}),
        },
        into,
        `${key}-${into ?? "known"}`,
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["sweeps"] }),
  });
  const progress = useProgress(session, write.isPending);
  const again = () => {
    if (session) void discard(session);
    setFiles([]);
    setDecisions({});
    upload.reset();
    write.reset();
  };
  const { data } = preview;
  const known = data?.known ?? null;
  const refusal = preview.error instanceof ApiError ? preview.error : null;
  return (
    <>
      <PageTitle
        title="Import"
        lead="Runs that MLflow, Weights & Biases, TensorBoard and others have recorded, as a study of Reprise: is the difference between your configurations larger than the one between your seeds? Nothing is written before you press Import."
      />
      {files.length === 0 ? (
        <DropArea
          onFiles={(chosen) => {
            setFiles(chosen);
            setSent({ files: 0, bytes: 0 });
            upload.mutate(chosen);
          }}
        />
      ) : null}
      {upload.isPending ? <Uploading files={files} sent={sent} /> : null}
      {upload.isError ? <ErrorState error={upload.error} onRetry={again} /> : null}
      {session !== null && !data && preview.isPending ? (
        <Placeholder height={360} label="Reading the files" />
      ) : null}
      {preview.isError ? (
        <div className={classes.refused} role="alert">
          <p>{refusal?.message ?? "The files could not be read."}</p>
          <Button size="xs" variant="default" onClick={again}>
            Choose other files
          </Button>
        </div>
      ) : null}
      {data && !write.data ? (
        <>
          <Section title="What was found" lead={foundWords(data)}>
            <div
              aria-busy={preview.isPlaceholderData}
              className={preview.isPlaceholderData ? classes.stale : undefined}
            >
              <Found preview={data} />
            </div>
          </Section>
          <Section
            title="How was it designed?"
            lead="The design is read from names and values. You decide; each answer changes the rows above."
          >
            <Questions
              preview={data}
              decisions={decisions}
              onChange={(change) => setDecisions({ ...decisions, ...change })}
            />
          </Section>
          <Section title="Import">
            <div className={classes.names}>
              <TextInput
                label="Name of the study"
                size="xs"
                placeholder={`Runs from ${formatLabels[data.format]}`}
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
              />
              <TextInput
                label="Data set"
                size="xs"
                placeholder="unnamed"
                value={dataset}
                onChange={(event) => setDataset(event.currentTarget.value)}
              />
            </div>
            {known ? (
              <p className={classes.known}>
                {count(known.runs, "run")} of these {known.runs === 1 ? "is" : "are"} in{" "}
                <Link to="/sweeps/$sweepId" params={{ sweepId: known.sweepId }}>
                  {known.name}
                </Link>{" "}
                already.{" "}
                {known.runs < data.proposal.runs.filter(({ configuration }) => configuration !== null).length
                  ? "Import adds the others to it."
                  : "Import replaces those that had not ended when they were read, and adds none."}
              </p>
            ) : null}
            {write.isError ? (
              <p className={classes.refused} role="alert">
                {write.error.message}
              </p>
            ) : null}
            <div className={classes.buttons}>
              <Button
                loading={write.isPending}
                disabled={preview.isPlaceholderData || preview.isError}
                onClick={() => write.mutate(undefined)}
              >
                Import{" "}
                {count(
                  data.proposal.runs.filter(({ configuration }) => configuration !== null).length,
                  "run",
                )}
              </Button>
              {known ? (
                <Button variant="default" disabled={write.isPending} onClick={() => write.mutate("new")}>
                  Import as another study
                </Button>
              ) : null}
              <Button variant="subtle" color="gray" disabled={write.isPending} onClick={again}>
                Discard
              </Button>
            </div>
            {write.isPending && progress.data ? (
              <Progress
                mt={12}
                value={(100 * progress.data.written) / Math.max(1, progress.data.total)}
                aria-label="Written"
              />
            ) : null}
          </Section>
        </>
      ) : null}
      {write.data ? (
        <Section title="Imported">
          <ul className={classes.lines} aria-live="polite">
            {write.data.studies.map(({ sweepId, name: study, added, skipped, replaced, changed }) => (
              <li key={sweepId}>
                <Link to="/sweeps/$sweepId" params={{ sweepId }}>
                  {study}
                </Link>
                : {count(added, "run")} added
                {skipped > 0 ? `, ${count(skipped)} there already` : ""}
                {replaced > 0 ? `, ${count(replaced)} replaced that had not ended before` : ""}
                {changed.length > 0
                  ? `, ${count(changed.length)} left as they were although the files have changed`
                  : ""}
              </li>
            ))}
            {write.data.left.map(({ name: run, reason }) => (
              <li key={`${run} ${reason}`}>
                Not imported: {run}, {reason}
              </li>
            ))}
          </ul>
          <div className={classes.buttons}>
            {write.data.studies.slice(0, 1).map(({ sweepId }) => (
              <Button key={sweepId} component={Link} to={`/sweeps/${sweepId}`}>
                Read the verdict
              </Button>
            ))}
            <Button variant="default" onClick={again}>
              Import more
            </Button>
          </div>
        </Section>
      ) : null}
    </>
  );
}
