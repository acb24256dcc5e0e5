import { NativeSelect, Switch, TextInput } from "@mantine/core";
import {
  type AnnouncedTrainer,
  type DatasetInfo,
  type FieldError,
  thumbnailCases,
  thumbnailSide,
} from "@reprise/contracts";
import { type ReactNode, useContext, useId, useMemo } from "react";
import { count } from "../../shared/format/numbers.js";
import { ServerText } from "../../shared/ui/server-text.js";
import { ArmsEditor } from "./arms-editor.js";
import { announcedBy, type Draft, type Edit } from "./draft.js";
import { ErrorsByPlace, FieldErrors, useFieldError } from "./field-errors.js";
import { errorsByPlace } from "./field-places.js";
import { FieldRow } from "./field-rows.js";
import { HyperparameterEditor } from "./hyperparameter-editor.js";
import { NoiseEditor } from "./noise-editor.js";
import { datasetsFor } from "./offers.js";
import { PlanEditor } from "./plan-editor.js";
import { SearchEditor } from "./search-editor.js";
import { SearchSelect } from "./search-select.js";
import { SeedsField } from "./seeds-field.js";
import { SequentialEditor } from "./sequential-editor.js";
import classes from "./spec-form.module.css";
import { UnknownHyperparameters } from "./unknown-hyperparameters.js";
import { ValueField } from "./value-field.js";

/** A part of the form; under its heading the mistakes in it that no field is about. */
function Part({
  title,
  lead,
  keys,
  children,
}: {
  title: string;
  lead?: string;
  /** Of the document. */
  keys: readonly string[];
  children: ReactNode;
}) {
  const id = useId();
  const fieldless = useContext(ErrorsByPlace).get("") ?? [];
  const errors = fieldless.filter(({ path }) => keys.includes(path.split(".")[0] ?? ""));
  return (
    <section className={classes.part} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {lead ? <p className="small dim">{lead}</p> : null}
      {errors.length > 0 ? (
        <div data-wrong tabIndex={-1}>
          <FieldErrors errors={errors} />
        </div>
      ) : null}
      {children}
    </section>
  );
}

function withCurrent(options: { value: string; label: string }[], current: string) {
  return options.some((option) => option.value === current)
    ? options
    : [{ value: current, label: current === "" ? "choose …" : `${current} (not announced)` }, ...options];
}

/** The document as a form. Every field edits the same text that the YAML view shows. */
export function SpecForm({ errors, ...form }: FormParts & { errors: readonly FieldError[] }) {
  const byPlace = useMemo(() => errorsByPlace(errors, form.draft), [errors, form.draft]);
  return (
    <ErrorsByPlace value={byPlace}>
      <Form {...form} />
    </ErrorsByPlace>
  );
}

type FormParts = {
  draft: Draft;
  trainers: readonly AnnouncedTrainer[];
  datasets: readonly DatasetInfo[];
  edit: Edit;
};

function Form({ draft, trainers, datasets, edit }: FormParts) {
  const nameError = useFieldError("name");
  const datasetError = useFieldError("dataset");
  const trainerError = useFieldError("trainer");
  const announced = announcedBy(trainers, draft.trainer);
  const readsItsOwn = announced.datasets?.length === 0;
  const dataset = readsItsOwn ? undefined : datasets.find(({ name }) => name === draft.dataset.name);
  return (
    <div className={classes.form}>
      <Part title="What is trained?" keys={["name", "dataset", "trainer", "task", "keepThumbnails"]}>
        <TextInput
          label="Name"
          error={nameError}
          value={draft.name}
          onChange={(event) => edit(["name"], event.currentTarget.value)}
        />
        <FieldRow>
          {readsItsOwn ? (
            <ValueField
              label="Data set"
              place="dataset"
              value={draft.dataset.name}
              onCommit={(name) => edit(["dataset"], name)}
            />
          ) : (
            <SearchSelect
              label="Data set"
              error={datasetError}
              value={draft.dataset.name}
              offers={datasetsFor(announced, datasets, draft.trainer)}
              onChoose={(name) => edit(["dataset"], name)}
            />
          )}
          <NativeSelect
            label="Trainer"
            error={trainerError}
            value={draft.trainer}
            data={withCurrent(
              trainers.map(({ capabilities }) => ({ value: capabilities.name, label: capabilities.name })),
              draft.trainer,
            )}
            onChange={(event) => edit(["trainer"], event.currentTarget.value)}
          />
        </FieldRow>
        <UnknownHyperparameters draft={draft} announced={announced} edit={edit} />
        {readsItsOwn ? (
          <p className="small dim">
            {draft.trainer} reads what its command line names. The data set is a name for it in this study.
          </p>
        ) : null}
        {dataset ? (
          <p className="small dim">
            {dataset.description}{" "}
            {dataset.cases === null
              ? ""
              : `${count(dataset.cases)} cases, ${dataset.classes.length} classes. `}
            <ServerText text={(dataset.available ? dataset.citation : dataset.hint) ?? ""} />
          </p>
        ) : null}
        {dataset && dataset.inputShape.length !== 1 ? (
          <Switch
            label="Keep thumbnails of the evaluated cases"
            description={`Up to ${count(thumbnailCases)} pictures a split, at most ${thumbnailSide} pixels wide, leave the worker's machine and are shown to everybody who can open this server. Turn it off where patients' images must stay where they are.`}
            checked={draft.keepThumbnails !== "never"}
            onChange={(event) => edit(["keepThumbnails"], event.currentTarget.checked ? undefined : "never")}
          />
        ) : null}
      </Part>
      <Part
        title="What do all runs share?"
        lead="Everything else stays at the trainer's default."
        keys={["base"]}
      >
        <HyperparameterEditor draft={draft} announced={announced} dataset={dataset} edit={edit} />
      </Part>
      <Part title="What varies between configurations?" keys={["search"]}>
        <SearchEditor draft={draft} announced={announced} dataset={dataset} edit={edit} />
      </Part>
      <Part
        title="How often is each configuration trained?"
        lead="Seeds change initial weights and data order. Repeats of an arm change nothing but execution."
        keys={["seeds", "modes", "arms", "noise"]}
      >
        <SeedsField draft={draft} edit={edit} />
        <ArmsEditor draft={draft} edit={edit} />
        <NoiseEditor draft={draft} edit={edit} />
      </Part>
      <Part title="What will be tested?" keys={["analysisPlan", "design"]}>
        <PlanEditor draft={draft} announced={announced} dataset={dataset} edit={edit} />
        {draft.analysisPlan || draft.design ? <SequentialEditor draft={draft} edit={edit} /> : null}
      </Part>
    </div>
  );
}
