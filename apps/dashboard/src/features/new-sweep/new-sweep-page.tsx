import { SegmentedControl } from "@mantine/core";
import type { Preset } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { presetsQuery } from "../../shared/api/catalogue-queries.js";
import { importedRunsQuery, missingCells } from "../../shared/api/missing-cells.js";
import { sweepQuery } from "../../shared/api/sweep-queries.js";
import { trainersQuery } from "../../shared/api/worker-queries.js";
import { PageTitle } from "../../shared/ui/page-title.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { Placeholder } from "../../shared/ui/states.js";
import { announcedBy, blankSpec, draftOf, type Edit, shortened } from "./draft.js";
import { DraftNotice } from "./draft-notice.js";
import classes from "./new-sweep-page.module.css";
import { PresetGallery } from "./preset-gallery.js";
import { PreviewPanel } from "./preview-panel.js";
import { datasetsQuery } from "./queries.js";
import { QuestionRoads } from "./question-roads.js";
import { SpecForm } from "./spec-form.js";
import { StudyParts } from "./study-parts.js";
import { useDraft, useHistoryEntry } from "./use-draft.js";
import { usePreview } from "./use-preview.js";
import { Warning } from "./warning.js";
import { YamlEditor } from "./yaml-editor.js";
import { editSpec, readSpec, writeSpec } from "./yaml-spec.js";

const route = getRouteApi("/sweeps/new");

/** The document to start from: a preset, a former sweep, or an empty study. */
type Start = { preset: Preset | null; spec: unknown };

function Composer({ presets, start }: { presets: readonly Preset[]; start: Start }) {
  const document = useDraft({
    text: writeSpec(start.spec ?? blankSpec),
    preset: start.preset?.name ?? null,
  });
  const { text, preset: chosen, setText } = document;
  const [view, setView] = useState("form");
  const trainers = useQuery(trainersQuery);
  const datasets = useQuery(datasetsQuery);
  const read = useMemo(() => readSpec(text), [text]);
  const preview = usePreview(read);
  const draft = useMemo(() => draftOf(read.value), [read.value]);
  // Edits of one click build upon each other, therefore on the latest text and not on the one of this render.
  const edit: Edit = (path, value) => setText((latest) => editSpec(latest, path, value));
  const choose = (preset: Preset | null) => {
    const isStudy = preset !== null && preset.parts.length > 0;
    document.begin({
      text: isStudy ? text : writeSpec(preset?.spec ?? blankSpec),
      preset: preset?.name ?? null,
    });
  };
  const study = presets.find((preset) => preset.name === chosen && preset.parts.length > 0);
  const unreadable = read.value === null && read.problems.length > 0;
  return (
    <>
      {document.aside ? (
        <DraftNotice draft={document.aside} onContinue={document.takeUp} onDiscard={document.discard} />
      ) : null}
      <PresetGallery
        presets={presets}
        trainers={trainers.data}
        datasets={datasets.data}
        chosen={chosen}
        onChoose={choose}
      />
      {study ? (
        <StudyParts key={study.name} preset={study} presets={presets} onEdit={choose} />
      ) : (
        <div className={classes.columns}>
          <div className={classes.document} data-sweep-document>
            <SegmentedControl
              aria-label="View of the sweep"
              value={view}
              data={[
                { value: "form", label: "Form" },
                { value: "yaml", label: "YAML" },
              ]}
              onChange={setView}
            />
            {view === "yaml" ? (
              <YamlEditor
                text={text}
                read={read}
                errors={preview.errors}
                draft={draft}
                trainers={trainers.data ?? []}
                datasets={datasets.data ?? []}
                onChange={(next) => setText(() => next)}
              />
            ) : unreadable ? (
              <Warning>
                The YAML has a mistake on line {read.problems[0]?.line ?? 1}; the form comes back when it is
                fixed.
              </Warning>
            ) : (
              <>
                <QuestionRoads
                  text={text}
                  draft={draft}
                  announced={announcedBy(trainers.data ?? [], draft.trainer)}
                  onChoose={(next) => setText(() => next)}
                />
                <SpecForm
                  key={chosen}
                  draft={draft}
                  trainers={trainers.data ?? []}
                  datasets={datasets.data ?? []}
                  errors={preview.errors}
                  edit={edit}
                />
              </>
            )}
          </div>
          <PreviewPanel
            read={read}
            preview={preview}
            onLaunched={document.launched}
            preset={chosen}
            metrics={announcedBy(trainers.data ?? [], draft.trainer).metrics}
          />
        </div>
      )}
    </>
  );
}

/** Clone and edit: the document of a former sweep, under a name of its own. */
function Clone({ presets, sweepId }: { presets: readonly Preset[]; sweepId: string }) {
  const former = useQuery(sweepQuery(sweepId));
  const isImported = Boolean(former.data?.origin);
  const runs = useQuery({ ...importedRunsQuery(sweepId), enabled: isImported });
  const trainers = useQuery({ ...trainersQuery, enabled: isImported });
  if (isImported && (runs.isPending || trainers.isPending))
    return <Placeholder height={560} label="Looking for cells that the study lacks" />;
  return (
    <QueryView query={former} height={560} label="Loading the sweep to copy">
      {({ spec, preset, ...study }) => {
        const missing =
          runs.data && trainers.data ? missingCells({ ...study, spec }, runs.data, trainers.data) : null;
        if (missing) return <Composer presets={presets} start={{ preset: null, spec: missing.spec }} />;
        // The preset of a name may have become another study since.
        const from =
          presets.find((one) => one.name === preset && draftOf(one.spec).trainer === spec.trainer) ?? null;
        const { name, ...rest } = shortened(spec);
        return (
          <Composer presets={presets} start={{ preset: from, spec: { name: `${name} (copy)`, ...rest } }} />
        );
      }}
    </QueryView>
  );
}

/** A sweep as a form and as YAML, two views of one document. */
export function NewSweepPage() {
  const { preset, from } = route.useSearch();
  const entry = useHistoryEntry();
  const presets = useQuery(presetsQuery);
  return (
    <>
      <PageTitle
        title="New sweep"
        lead="Choose a study to start from, change what you want to know, and see what it will cost before it runs."
      />
      <QueryView query={presets} height={560} label="Loading the presets">
        {(items) => {
          if (from) return <Clone key={entry} presets={items} sweepId={from} />;
          const named = items.find(({ name }) => name === preset) ?? null;
          return <Composer key={entry} presets={items} start={{ preset: named, spec: named?.spec }} />;
        }}
      </QueryView>
    </>
  );
}
