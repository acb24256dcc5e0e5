import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type Artifact, type FilesRemoval, filesRemoval, type RunDetail } from "@reprise/contracts";
import { IconDownload, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { apiRoot, callApi } from "../../shared/api/client.js";
import { fileSize } from "../../shared/format/bytes.js";
import { count } from "../../shared/format/numbers.js";
import { DigestChip } from "../../shared/marks/digest-chip.js";
import { ConfirmButton } from "../../shared/ui/confirm-button.js";
import { DataTable } from "../../shared/ui/data-table.js";
import { notifyRefused } from "../../shared/ui/notify-refused.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { Section } from "../../shared/ui/section.js";
import { ServerText } from "../../shared/ui/server-text.js";
import { Snippet, Snippets } from "../../shared/ui/snippet.js";
import { EmptyState } from "../../shared/ui/states.js";
import { When } from "../../shared/ui/when.js";
import classes from "./artifacts-panel.module.css";
import { runArtifactsQuery, sweepFilesQuery } from "./queries.js";

const kindWords: Record<Artifact["kind"], string> = {
  checkpoint: "Checkpoint",
  finalWeights: "Final weights",
  file: "File",
};
const addressOf = (run: RunDetail, name: string) =>
  `${apiRoot}/runs/${run.id}/artifacts/${encodeURIComponent(name)}`;

function afterWords({ epoch, step }: Artifact): string {
  const made = [
    epoch === null ? null : count(epoch, "epoch"),
    step === null ? null : count(step, "step"),
  ].filter((words) => words !== null);
  return made.length === 0 ? "–" : made.join(", ");
}

function python(run: RunDetail, name: string): string {
  return `# pip install safetensors numpy
import urllib.request
from safetensors.numpy import load

answer = urllib.request.urlopen("${window.location.origin}${addressOf(run, name)}")
weights = load(answer.read())
for name, tensor in weights.items():
    print(name, tensor.dtype, tensor.shape)`;
}

/** Names of files may have blanks and brackets. */
const shellWord = (text: string) => (/^[\w.-]+$/.test(text) ? text : `'${text}'`);

function shell(run: RunDetail, { name, digest }: Artifact): string {
  const fetched = `curl -o ${shellWord(name)} "${window.location.origin}${addressOf(run, name)}"`;
  return digest === null
    ? fetched
    : `${fetched}\necho ${shellWord(`${digest}  ${name}`)} | sha256sum --check`;
}

function removalWords({ removed, shared, elsewhere }: FilesRemoval): string {
  return [
    `${count(removed.files, "file")} removed, ${fileSize(removed.bytes)} freed.`,
    shared > 0 ? `${count(shared, "file")} stayed, because other studies keep the same files.` : null,
    elsewhere.length > 0
      ? `${count(elsewhere.length, "file")} could not be reached from the server: ${elsewhere.slice(0, 3).join(", ")}${elsewhere.length > 3 ? ", …" : ""}`
      : null,
  ]
    .filter((words) => words !== null)
    .join(" ");
}

/** What the whole study has stored, and the way to have the room back. */
function StudyFiles({ sweepId }: { sweepId: string }) {
  const queryClient = useQueryClient();
  const stored = useQuery(sweepFilesQuery(sweepId));
  const remove = useMutation({
    mutationFn: () => callApi(filesRemoval, `/sweeps/${sweepId}/artifacts`, { method: "DELETE" }),
    onSuccess: (answer) => notifications.show({ title: "Files removed", message: removalWords(answer) }),
    onError: (error) => notifyRefused("Not removed", error, "Every file is where it was."),
    onSettled: async () => {
      await queryClient.invalidateQueries({ queryKey: ["run"] });
      await queryClient.invalidateQueries({ queryKey: ["sweep", sweepId, "files"] });
    },
  });
  if (!stored.data || stored.data.files === 0) return null;
  const { files, bytes } = stored.data;
  return (
    <div className={classes.studyFiles}>
      <p className="small dim">
        All runs of this study together keep {count(files, "file")}, {fileSize(bytes)}. Equal files are stored
        once.
      </p>
      <ConfirmButton
        label="Remove the study's files"
        icon={<IconTrash size={14} />}
        question="Remove checkpoints and weights of this study?"
        consequence={`${count(files, "file")}, ${fileSize(bytes)}, of every run of the study will be gone: they can no longer be downloaded, evaluated, or searched for the tensors in which two runs part. Metrics, digests, predictions and verdicts stay.`}
        confirmLabel="Remove the files"
        loading={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </div>
  );
}

/** The files that a run left, each with the way to get at it. */
export function ArtifactsPanel({ run }: { run: RunDetail }) {
  const query = useQuery(runArtifactsQuery(run.id));
  return (
    <Section
      title="Which files did it leave?"
      lead="Stored under the SHA-256 of their bytes, checked again whenever one is handed out. The digest of the final weights is a different one: it covers the tensors alone."
    >
      <QueryView query={query} height={240} label="Loading the files">
        {({ items, absence }) => {
          if (items.length === 0)
            return (
              <EmptyState title="It left no file.">
                <ServerText text={absence ?? ""} />
              </EmptyState>
            );
          const example = items.findLast((item) => item.unreadable === null);
          return (
            <div className={classes.files}>
              <DataTable
                label="Files of the run"
                rows={items}
                keyOf={(item) => item.name}
                columns={[
                  {
                    key: "kind",
                    header: "What",
                    cell: (item) => (
                      <>
                        {kindWords[item.kind]}
                        <span className={`mono ${classes.fileName}`}>{item.name}</span>
                      </>
                    ),
                  },
                  {
                    key: "download",
                    header: "File",
                    cell: (item) =>
                      item.unreadable === null ? (
                        <Button
                          component="a"
                          href={addressOf(run, item.name)}
                          download
                          variant="default"
                          size="xs"
                          leftSection={<IconDownload size={14} />}
                          aria-label={`Download ${item.name}`}
                        >
                          Download
                        </Button>
                      ) : (
                        <span className="small dim">not here</span>
                      ),
                  },
                  {
                    key: "after",
                    header: "After",
                    cell: (item) => afterWords(item),
                  },
                  {
                    key: "size",
                    header: "Size",
                    right: true,
                    cell: (item) => (item.bytes === null ? "–" : fileSize(item.bytes)),
                  },
                  {
                    key: "digest",
                    header: "SHA-256",
                    cell: (item) => <DigestChip digest={item.digest} copy />,
                  },
                  { key: "created", header: "Stored", cell: (item) => <When at={item.createdAt} /> },
                ]}
                below={(item) =>
                  item.unreadable === null ? null : <span className="small">{item.unreadable}</span>
                }
              />
              {example ? (
                <Snippets>
                  {example.name.endsWith(".safetensors") ? (
                    <Snippet title="Read it with Python" text={python(run, example.name)} />
                  ) : null}
                  <Snippet title="Fetch and check it" text={shell(run, example)} />
                </Snippets>
              ) : null}
              {run.sweepId === null ? null : <StudyFiles sweepId={run.sweepId} />}
            </div>
          );
        }}
      </QueryView>
    </Section>
  );
}
