import { Button } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { useRef, useState } from "react";
import classes from "./drop-area.module.css";
import { type ChosenFile, chosenFiles, droppedFiles } from "./dropped-files.js";

/** Where files, a folder or a zip are dropped, or chosen by hand. */
export function DropArea({ onFiles }: { onFiles: (files: ChosenFile[]) => void }) {
  const [over, setOver] = useState(false);
  const folder = useRef<HTMLInputElement>(null);
  const single = useRef<HTMLInputElement>(null);
  const take = (list: FileList | null) => {
    if (list && list.length > 0) onFiles(chosenFiles(list));
  };
  return (
    <section
      className={over ? `${classes.area} ${classes.over}` : classes.area}
      aria-label="Files to import"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void droppedFiles(event.dataTransfer).then((files) => {
          if (files.length > 0) onFiles(files);
        });
      }}
    >
      <IconFileImport size={32} stroke={1.4} aria-hidden />
      <p className={classes.title}>Drop a folder, files or a zip here</p>
      <p className={classes.formats}>
        An <code>mlruns</code> folder or <code>mlflow.db</code>, <code>wandb</code> offline folders or CSV
        exports, TensorBoard logs, Lightning and Keras CSV, Hugging Face Trainer, Optuna, Trackio, Sacred,
        Hydra, OpenCLIP. They are recognised by what is in them.
      </p>
      <div className={classes.buttons}>
        <Button size="sm" onClick={() => folder.current?.click()}>
          Choose a folder
        </Button>
        <Button size="sm" variant="default" onClick={() => single.current?.click()}>
          Choose files or a zip
        </Button>
      </div>
      <input
        ref={folder}
        type="file"
        className="visually-hidden"
        tabIndex={-1}
        aria-label="Folder to import"
        {...{ webkitdirectory: "" }}
        onChange={(event) => take(event.currentTarget.files)}
      />
      <input
        ref={single}
        type="file"
        multiple
        className="visually-hidden"
        tabIndex={-1}
        aria-label="Files to import"
        onChange={(event) => take(event.currentTarget.files)}
      />
    </section>
  );
}
