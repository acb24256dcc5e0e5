"""Writes one small study through the clients of other trackers, with what was handed to each as truth.

    python make_sources.py OUT CLIENT...     # with the Python that has the client; `pack` last

Clients: mlflow-2, mlflow-3, wandb-0.16, wandb-0.31, tensorboard, frameworks (Lightning, transformers, Keras), optuna, trackio,
sacred, hydra, written (OpenCLIP's files and W&B's CSV exports, in the shape of the originals). The values are drawn by a
generator with a fixed seed: they say nothing of any training.
"""

import csv
import json
import math
import os
import random
import subprocess
import sys
import tarfile
from pathlib import Path

EPOCHS = 4
COMMIT = "0123456789abcdef0123456789abcdef01234567"
START = 1_790_000_000.0
BASE = {
    "batch_size": 32, "epochs": EPOCHS, "amp": True, "scheduler": None, "comment": "Größe µm – 乳癌",
    "big_int": 9007199254740993, "version_like": "1.10", "one_e_minus_8": 1e-8,
    "model": {"name": "mlp", "hidden": [16], "dropout": {"p": 0.5}},
}
NUISANCE = ["job_id", "node"]


def study():
    plan = [("adam", 1, False), ("adam", 1, False), ("adam", 2, False), ("adam", 2, False), ("sgd", 1, False),
            ("sgd", 1, False), ("sgd", 2, False), ("sgd", 2, False), ("adam", 1, True), ("adam", 1, True),
            ("sgd", 1, False), ("sgd", 2, False), ("adam", 2, False)]
    special = {10: "failed", 11: "nan", 12: "resumed"}
    runs = []
    for i, (optimizer, seed, det) in enumerate(plan):
        draw = random.Random(f"{optimizer}/{seed}/{'det' if det else i}")
        kind = special.get(i)
        epochs = 2 if kind == "failed" else EPOCHS
        order = [1, 2, 3, 2, 3, 4] if kind == "resumed" else list(range(1, epochs + 1))
        rows = [(e, {"train_loss": math.nan if kind == "nan" and e > 1 else draw.random(),
                     "loss (train, EMA)": draw.random(),
                     "val/recall@90": math.inf if kind == "nan" and e == 2 else draw.random()}) for e in order]
        if kind != "failed":
            rows.append((EPOCHS, {"test_acc": draw.random()}))
        params = {"optimizer": optimizer, "lr": 0.001 if optimizer == "adam" else 0.05, "seed": seed, "deterministic": det,
                  **BASE, "job_id": 4000 + 7 * i, "node": f"node-{1 + i * i % 3}"}
        runs.append({"key": f"r{i + 1:02}", "name": f"bc-{optimizer}-{i + 1:02}", "special": kind, "params": params,
                     "rows": rows, "start": START + 100 * i, "status": "failed" if kind == "failed" else "finished"})
    return runs


RUNS = study()


def flat(value, prefix=""):
    if isinstance(value, dict) and value:
        return {k: v for key, item in value.items() for k, v in flat(item, f"{prefix}{key}.").items()}
    return {prefix[:-1]: value}


def plain(value):
    return "NaN" if value != value else "Infinity" if value == math.inf else value


def f32(value):
    import struct
    return struct.unpack("<f", struct.pack("<f", value))[0]


def histories(run, rename=lambda n: n, step=lambda e: e, value=lambda v: v):
    found = {}
    for epoch, metrics in run["rows"]:
        for name, number in metrics.items():
            series = found.setdefault(rename(name), {"steps": [], "values": []})
            series["steps"].append(step(epoch))
            series["values"].append(plain(value(number)))
    return found


def truth(run, source_id, **given):
    return {"sourceId": source_id, "study": run["key"], "name": run["name"], "status": run["status"], "start": run["start"],
            "end": run["start"] + 50, "params": flat(run["params"]), "metrics": histories(run), **given}


def note(out, source, path, fmt, runs, seed="seed", **more):
    (out / "truth").mkdir(exist_ok=True)
    entry = {"id": source, "path": path, "format": fmt, "seedParam": seed, **more, "runs": runs}
    (out / "truth" / f"{source}.json").write_text(json.dumps(entry, ensure_ascii=False))


# ------------------------------------------------------------------------------------------------------------- MLflow


def mlflow_store(out, source, fmt, uri):
    from mlflow.entities import Metric, Param, RunStatus
    from mlflow.tracking import MlflowClient

    names = {"loss (train, EMA)": "loss train EMA", "val/recall@90": "val/recall_at_90"}
    client = MlflowClient(tracking_uri=uri)
    experiment = client.create_experiment("bc")
    parent = client.create_run(experiment, run_name="sweep", start_time=int(START * 1000))
    found = []
    for run in RUNS:
        tags = {"mlflow.parentRunId": parent.info.run_id, "mlflow.source.git.commit": COMMIT}
        made = client.create_run(experiment, run_name=run["name"], start_time=int(run["start"] * 1000), tags=tags).info.run_id
        for key, value in flat(run["params"]).items():
            client.log_param(made, key, value)
        for i, (epoch, metrics) in enumerate(run["rows"]):
            for name, value in metrics.items():
                client.log_metric(made, names.get(name, name), value, timestamp=int((run["start"] + 5 * i) * 1000), step=epoch)
        client.set_terminated(made, status=run["status"].upper(), end_time=int((run["start"] + 50) * 1000))
        found.append(truth(run, made, params={k: str(v) for k, v in flat(run["params"]).items()},
                           metrics=histories(run, lambda n: names.get(n, n))))
    deleted = client.create_run(experiment, run_name="mistake").info.run_id
    client.log_metric(deleted, "train_loss", 1.0)
    client.delete_run(deleted)
    note(out, source, source, fmt, found)


def mlflow(out, version):
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    file, base = out / f"mlflow-{version}-file", out / f"mlflow-{version}-sqlite"
    base.mkdir(parents=True)
    mlflow_store(out, file.name, "mlflow-file", f"file:{file}/mlruns")
    mlflow_store(out, base.name, "mlflow-sqlite", f"sqlite:///{base}/mlflow.db")


# ---------------------------------------------------------------------------------------------------------------- W&B


def wandb(out, version):
    import wandb as client

    os.environ["WANDB_SILENT"] = "true"
    base = out / f"wandb-{version}"
    base.mkdir(parents=True)
    given = version != "0.16"
    found = []
    for run in RUNS:
        run_id = f"w{run['key']}"
        parts = [run["rows"]] if run["special"] != "resumed" else [run["rows"][:3], run["rows"][3:]]
        steps = {}
        for part in parts:
            made = client.init(project="bc", id=run_id, name=run["name"], dir=str(base), mode="offline", config=run["params"],
                               tags=["noise floor"], group=run["params"]["optimizer"])
            for i, (epoch, metrics) in enumerate(part):
                row = dict(metrics) if given else {**metrics, "epoch": epoch}
                made.log(row, **({"step": epoch} if given else {}))
                for name, value in row.items():
                    series = steps.setdefault(name, {"steps": [], "values": []})
                    series["steps"].append(epoch if given else i)
                    series["values"].append(plain(value))
            made.finish(exit_code=1 if run["special"] == "failed" else 0)
        found.append(truth(run, run_id, metrics=steps, start=None, end=None))
    note(out, base.name, base.name, "wandb-offline", found)


# -------------------------------------------------------------------------------------------------------- TensorBoard


def tensorboard(out):
    from tensorboard.compat.proto import event_pb2, summary_pb2
    from google.protobuf import struct_pb2
    from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2
    from tensorboard.summary.writer.event_file_writer import EventFileWriter
    from tensorboardX import SummaryWriter

    clean = {"loss (train, EMA)": "loss__train__EMA_", "val/recall@90": "val/recall_90"}
    found = []
    for run in RUNS:
        p = run["params"]
        name = f"{p['optimizer']}_seed{p['seed']}_{run['key']}"
        parts = [run["rows"]] if run["special"] != "resumed" else [run["rows"][:3], run["rows"][3:]]
        for i, part in enumerate(parts):
            purge = {"purge_step": 2} if i else {}
            writer = SummaryWriter(str(out / "tensorboardx-scalars" / name), filename_suffix=f".{i}", **purge)
            for epoch, metrics in part:
                for key, value in metrics.items():
                    writer.add_scalar(key, value, epoch, walltime=run["start"] + epoch)
            writer.close()
        metrics = histories(run, lambda n: clean.get(n, n), value=f32)
        if run["special"] == "resumed":
            for series in metrics.values():
                if len(series["steps"]) > 1:
                    series["superseded"] = [1, 2]
        found.append(truth(run, name, name=name, status=None, start=None, end=None, params=None, metrics=metrics))
    note(out, "tensorboardx-scalars", "tensorboardx-scalars", "tensorboard", found, seed=None)

    def held(p):
        return {k: float(v) if isinstance(v, (int, float)) and not isinstance(v, bool) else v if isinstance(v, (bool, str)) else str(v)
                for k, v in flat(p).items()}

    found = []
    for run in RUNS:
        if run["special"] == "resumed":
            continue
        folder = out / "tensorboardx-hparams" / run["name"]
        writer = SummaryWriter(str(folder))
        for epoch, metrics in run["rows"]:
            for key, value in metrics.items():
                writer.add_scalar(key, value, epoch)
        writer.add_hparams(held(run["params"]), {"hparam/test_acc": 0.5}, name="hp")
        writer.close()
        metrics = histories(run, lambda n: clean.get(n, n), value=f32)
        metrics["hp/hparam/test_acc"] = {"steps": [0], "values": [0.5]}
        found.append(truth(run, run["name"], status=None, start=None, end=None, params=held(run["params"]), metrics=metrics))
    note(out, "tensorboardx-hparams", "tensorboardx-hparams", "tensorboard", found)

    from tensorboard.compat.proto import tensor_pb2, types_pb2

    def session_event(tag, time, **content):
        # What the plugin's own `session_start_pb` and `session_end_pb` write; these need TensorFlow.
        data = metadata.create_summary_metadata(plugin_data_pb2.HParamsPluginData(**content))
        return event_pb2.Event(wall_time=time, summary=summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, metadata=data)]))

    def value_of(value):
        field = "bool_value" if isinstance(value, bool) else "number_value" if isinstance(value, float) else "string_value"
        return struct_pb2.Value(**{field: value})

    def scalar(tag, value):
        metadata = summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="scalars"))
        tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, float_val=[value])
        return summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, tensor=tensor, metadata=metadata)])

    found = []
    for run in RUNS:
        folder = out / "tensorboard-tf2" / run["name"]
        folder.mkdir(parents=True)
        session = EventFileWriter(str(folder))
        hparams = {key: value_of(value) for key, value in held(run["params"]).items()}
        begin = plugin_data_pb2.SessionStartInfo(hparams=hparams, start_time_secs=run["start"])
        session.add_event(session_event(metadata.SESSION_START_INFO_TAG, run["start"], session_start_info=begin))
        writers = {sub: EventFileWriter(str(folder / sub)) for sub in ("train", "validation")}
        metrics = {}
        for epoch, row in run["rows"]:
            for key, value in row.items():
                sub = "train" if key.startswith("train") else "validation"
                writers[sub].add_event(event_pb2.Event(wall_time=run["start"] + epoch, step=epoch, summary=scalar(f"epoch_{key}", value)))
                series = metrics.setdefault(f"{sub}/epoch_{key}", {"steps": [], "values": []})
                series["steps"].append(epoch)
                series["values"].append(plain(f32(value)))
        status = api_pb2.STATUS_FAILURE if run["special"] == "failed" else api_pb2.STATUS_SUCCESS
        end = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=run["start"] + 50)
        session.add_event(session_event(metadata.SESSION_END_INFO_TAG, run["start"] + 50, session_end_info=end))
        for writer in (session, *writers.values()):
            writer.close()
        found.append(truth(run, run["name"], params=held(run["params"]), metrics=metrics))
    note(out, "tensorboard-tf2", "tensorboard-tf2", "tensorboard", found)


# --------------------------------------------------------------------------------------------------------- frameworks


def frameworks(out):
    os.environ["KERAS_BACKEND"] = "torch"
    from keras.callbacks import CSVLogger as KerasLogger
    from lightning.pytorch.loggers import CSVLogger
    from transformers import TrainerState

    none = {"status": None, "start": None, "end": None}
    lightning, keras, trainer = [], [], []
    for index, run in enumerate(RUNS):
        p = run["params"]
        logger = CSVLogger(str(out / "lightning-csv"), version=index)
        logger.log_hyperparams(p)
        metrics = {}
        for epoch, row in run["rows"]:
            # The logger itself adds `step`; of two rows of one step it makes two.
            logger.log_metrics({**row, "epoch": epoch - 1}, step=10 * epoch - 1)
            for key, value in {**row, "epoch": epoch - 1}.items():
                series = metrics.setdefault(key, {"steps": [], "values": []})
                series["steps"].append(10 * epoch - 1)
                series["values"].append(plain(value))
        logger.save()
        lightning.append(truth(run, f"lightning_logs/version_{index}", name=f"version_{index}", metrics=metrics, **none))

        file = out / "keras-csv" / f"{p['optimizer']}_{p['seed']}_{run['key']}.log"
        file.parent.mkdir(exist_ok=True)
        rows = [row for row in run["rows"] if "train_loss" in row[1]]
        parts = [rows] if run["special"] != "resumed" else [rows[:3], rows[3:]]
        for i, part in enumerate(parts):
            callback = KerasLogger(str(file), append=i > 0)
            callback.set_model(type("Model", (), {"stop_training": False})())
            callback.on_train_begin()
            for epoch, row in part:
                callback.on_epoch_end(epoch - 1, {"loss": row["train_loss"], "val_recall": row["val/recall@90"]})
            callback.on_train_end()
        series = {"loss": {"steps": [e - 1 for e, _ in rows], "values": [plain(r["train_loss"]) for _, r in rows]},
                  "val_recall": {"steps": [e - 1 for e, _ in rows], "values": [plain(r["val/recall@90"]) for _, r in rows]}}
        keras.append(truth(run, file.name, name=file.name, params=None, metrics=series, **none))

        folder = out / "hf-trainer" / f"{p['optimizer']}-seed{p['seed']}-{run['key']}"
        state = TrainerState(log_history=[{"loss": row["train_loss"], "epoch": float(e), "step": 10 * e} for e, row in rows], global_step=10 * rows[-1][0])
        state.log_history += [{"eval_recall": row["val/recall@90"], "epoch": float(e), "step": 10 * e} for e, row in rows]
        failed = run["special"] == "failed"
        target = folder / "checkpoint-20" if failed else folder
        target.mkdir(parents=True)
        state.save_to_json(str(target / "trainer_state.json"))
        if not failed:
            (folder / "all_results.json").write_text(json.dumps({"epoch": 4.0, "test_acc": run["rows"][-1][1]["test_acc"]}))
        metrics = {new: {"steps": [10 * e for e, _ in rows], "values": [plain(r[old]) for _, r in rows]}
                   for new, old in (("loss", "train_loss"), ("eval_recall", "val/recall@90"))}
        final = {} if failed else {"test_acc": run["rows"][-1][1]["test_acc"]}
        trainer.append(truth(run, folder.name, name=folder.name, params=None, metrics=metrics, summaryOnly=final, **none))
    note(out, "lightning-csv", "lightning-csv", "lightning-csv", lightning)
    note(out, "keras-csv", "keras-csv", "keras-csv", keras, seed=None)
    note(out, "hf-trainer", "hf-trainer", "hf-trainer", trainer, seed=None)


# ------------------------------------------------------------------------------------- Optuna, Trackio, Sacred, Hydra


def optuna(out):
    import optuna as client

    client.logging.set_verbosity(client.logging.ERROR)
    for source, fmt in (("optuna-sqlite", "optuna-sqlite"), ("optuna-journal", "optuna-journal")):
        folder = out / source
        folder.mkdir()
        storage = f"sqlite:///{folder}/optuna.db" if source == "optuna-sqlite" else client.storages.JournalStorage(
            client.storages.journal.JournalFileBackend(str(folder / "journal.log")))
        made = client.create_study(storage=storage, study_name="bc", direction="minimize")
        found = []
        for number, run in enumerate(RUNS):
            p = run["params"]
            made.enqueue_trial({"optimizer": p["optimizer"], "lr": p["lr"], "seed": p["seed"]})
            trial = made.ask()
            trial.suggest_categorical("optimizer", ["adam", "sgd"])
            trial.suggest_float("lr", 1e-5, 1.0, log=True)
            trial.suggest_int("seed", 0, 10_000)
            trial.set_user_attr("deterministic", p["deterministic"])
            seen = {}
            for epoch, row in run["rows"]:
                if "train_loss" in row and epoch not in seen:
                    seen[epoch] = row["train_loss"]
                    trial.report(row["train_loss"], epoch)
            status = "failed" if run["special"] in ("failed", "nan") else "finished"
            if status == "failed":
                made.tell(trial, state=client.trial.TrialState.FAIL)
            else:
                made.tell(trial, 0.25)
            found.append(truth(run, str(number), name=f"trial {number}", status=status, start=None, end=None,
                               params={"optimizer": p["optimizer"], "lr": p["lr"], "seed": p["seed"]},
                               metrics={"train_loss": {"steps": list(seen), "values": [plain(v) for v in seen.values()]}},
                               summaryOnly={} if status == "failed" else {"value": 0.25}))
        note(out, source, source, fmt, found)


def trackio(out):
    os.environ["TRACKIO_DIR"] = str(out / "trackio")
    import trackio as client

    found = []
    for run in RUNS:
        client.init(project="bc", name=run["name"], config=run["params"], group=run["params"]["optimizer"])
        for epoch, row in run["rows"]:
            client.log(row, step=epoch)
        client.finish()
        found.append(truth(run, run["name"], status=None, start=None, end=None))
    note(out, "trackio", "trackio", "trackio", found)


def sacred(out):
    from sacred import Experiment
    from sacred.observers import FileStorageObserver

    found = []
    for index, run in enumerate(RUNS):
        experiment = Experiment("bc", save_git_info=False)
        experiment.add_config(run["params"])
        experiment.observers.append(FileStorageObserver(str(out / "sacred")))

        @experiment.main
        def main(_run):
            for epoch, row in run["rows"]:
                for key, value in row.items():
                    _run.log_scalar(key, value, epoch)
            if run["special"] == "failed":
                raise RuntimeError("out of memory")

        try:
            experiment.run(options={"--loglevel": "CRITICAL"})
        except RuntimeError:
            pass
        found.append(truth(run, str(index + 1), name=str(index + 1), start=None, end=None))
    note(out, "sacred", "sacred", "sacred", found)


HYDRA = """
import json, os, hydra
from hydra.core.hydra_config import HydraConfig
@hydra.main(version_base=None, config_path=None, config_name="config")
def main(config):
    rows = json.load(open(os.environ["ROWS"]))[config.key]
    with open(os.path.join(HydraConfig.get().runtime.output_dir, "metrics.jsonl"), "w") as file:
        for step, row in rows:
            for name, value in row.items():
                file.write(json.dumps({"step": step, "metric": name, "value": value}) + "\\n")
main()
"""


def hydra(out):
    import yaml

    work = out / "hydra-work"
    work.mkdir()
    (work / "train.py").write_text(HYDRA)
    config = {**{k: v for k, v in RUNS[0]["params"].items() if k != "big_int"}, "train": {"seed": 0}, "key": "r00"}
    del config["seed"]
    (work / "config.yaml").write_text(yaml.safe_dump(config, allow_unicode=True))
    (work / "rows.json").write_text(json.dumps({run["key"]: run["rows"] for run in RUNS}))
    found = []
    jobs = RUNS[:10]
    for index, run in enumerate(jobs):
        p = run["params"]
        words = [f"{k}={p[k]}" for k in ("optimizer", "lr", "deterministic", "job_id", "node")]
        subprocess.run([sys.executable, "train.py", "--config-dir", str(work), "-m", f"hydra.sweep.dir={out}/hydra/multirun/1",
                        f"hydra.sweep.subdir={index}", *words, f"train.seed={p['seed']}", f"key={run['key']}"],
                       cwd=work, check=True, env={**os.environ, "ROWS": str(work / "rows.json")}, stdout=subprocess.DEVNULL)
        held = {k: v for k, v in p.items() if k not in ("seed", "big_int")}
        held = {**held, "train": {"seed": p["seed"]}, "key": run["key"]}
        found.append(truth(run, f"multirun/1/{index}", name=str(index), status=None, start=None, end=None, params=flat(held)))
    subprocess.run(["rm", "-rf", str(work)], check=True)
    note(out, "hydra", "hydra", "hydra", found, seed="train.seed")


# ---------------------------------------------------------------------------------------- files in the originals' shape


def written(out):
    clip = []
    for run in RUNS:
        p = run["params"]
        name = f"2026_09_21-model_ViT-lr_{p['lr']}-{run['key']}"
        folder = out / "open-clip" / "logs" / name
        (folder / "checkpoints").mkdir(parents=True)
        params = {"aug_cfg": {}, "batch_size": 32, "csv_separator": "\t", "epochs": EPOCHS, "lr": p["lr"], "name": name,
                  "opt": p["optimizer"], "pretrained": "", "resume": None, "seed": p["seed"], "train_data": "data/train.csv"}
        (folder / "params.txt").write_text("".join(f"{k}: {v}\n" for k, v in sorted(params.items())))
        rows = [(e, row) for e, row in run["rows"] if "train_loss" in row]
        (folder / "checkpoints" / "results.jsonl").write_text(
            "".join(json.dumps({"clip_val_loss": row["loss (train, EMA)"], "epoch": e}) + "\n" for e, row in rows))
        (folder / "out.log").write_text("".join(
            f"2026-09-21,10:00:00 | INFO | Train Epoch: {e - 1} [64/64 (100%)] Data (t): 0.01 LR: 0.001000 "
            f"Contrastive_loss: {row['train_loss']:#.5g} ({row['train_loss']:#.5g}) Loss: {row['train_loss']:#.5g} ({row['train_loss']:#.5g})\n"
            for e, row in rows))
        metrics = {"clip_val_loss": {"steps": [e for e, _ in rows], "values": [plain(r["loss (train, EMA)"]) for _, r in rows]}}
        log = {"epochs": [e - 1 for e, _ in rows], "values": [plain(float(f"{r['train_loss']:#.5g}")) for _, r in rows]}
        clip.append(truth(run, name, name=name, status=None, start=None, end=None, params=params, metrics=metrics, trainLossInLog=log))
    note(out, "open-clip", "open-clip", "open-clip", clip)

    folder = out / "wandb-csv"
    folder.mkdir()
    texts = [{k: "" if v is None else "true" if v is True else "false" if v is False else json.dumps(v) if isinstance(v, list) else str(v)
              for k, v in flat(run["params"]).items()} for run in RUNS]
    keys = sorted(texts[0])
    results = ["epoch", "loss (train, EMA)", "test_acc", "train_loss"]
    found = []
    with open(folder / "wandb_export_runs.csv", "w", newline="") as file:
        table = csv.writer(file, quoting=csv.QUOTE_ALL)
        table.writerow(["Name", "State", "Notes", "User", "Tags", "Created", "Runtime", "Sweep", *keys, *results])
        for run, text in zip(RUNS, texts):
            last = {k: v for _, row in run["rows"] for k, v in row.items()}
            last["epoch"] = run["rows"][-1][0]
            created = f"2026-09-21T14:{int(run['start'] - START) // 60:02}:{int(run['start'] - START) % 60:02}.000Z"
            finals = {k: last[k] for k in results if k in last}
            cells = [str(plain(finals[k])) if k in finals else "" for k in results]
            table.writerow([run["name"], run["status"], "-", "me", "noise floor, bc", created, "50", "", *(text[k] for k in keys), *cells])
            rows = [(e, r) for e, r in run["rows"] if "train_loss" in r]
            held = {e: r for e, r in rows}
            found.append(truth(run, None, end=None, start=None, params=text, summaryOnly={k: plain(v) for k, v in finals.items()}, metrics={
                "train_loss": {"steps": list(held), "values": [plain(r["train_loss"]) for r in held.values()]}}))
    with open(folder / "wandb_export_chart.csv", "w", newline="") as file:
        table = csv.writer(file, quoting=csv.QUOTE_ALL)
        table.writerow(["Step", *(f"{run['name']} - train_loss{end}" for run in RUNS for end in ("", "__MIN", "__MAX"))])
        for epoch in range(1, EPOCHS + 1):
            values = [{e: r["train_loss"] for e, r in run["rows"] if "train_loss" in r}.get(epoch, "") for run in RUNS]
            table.writerow([epoch, *(plain(v) for v in values for _ in range(3))])
    with open(folder / "wandb_export_grouped.csv", "w", newline="") as file:
        table = csv.writer(file, quoting=csv.QUOTE_ALL)
        table.writerow(["Step", *(f"Group: {g} - train_loss{end}" for g in ("adam", "sgd") for end in ("", "__MIN", "__MAX"))])
        table.writerow([1, 0.5, 0.4, 0.6, 0.5, 0.4, 0.6])
    note(out, "wandb-csv", "wandb-csv", "wandb-csv", found)


def pack(out):
    sources = [json.loads(file.read_text()) for file in sorted((out / "truth").glob("*.json"))]
    constants = [k for k in flat(BASE) if k != "model.dropout.p"]
    study_of = {"design": {"nuisanceParams": NUISANCE, "constantParams": constants}}
    (out / "truth.json").write_text(json.dumps({"study": study_of, "sources": sources}, ensure_ascii=False))
    skipped = ("/truth/", "/logs/debug", "/logs/wandb", "requirements.txt", "wandb-metadata.json", "output.log", "/_sources", "cout.txt")
    with tarfile.open(Path(__file__).with_name("sources.tar.gz"), "w:gz") as archive:
        for file in sorted(out.rglob("*")):
            name = "/" + str(file.relative_to(out))
            if file.is_file() and not file.is_symlink() and not any(part in name for part in skipped):
                archive.add(file, name[1:], filter=lambda entry: (setattr(entry, "uname", ""), setattr(entry, "gname", ""), entry)[2])


CLIENTS = {
    "mlflow-2": lambda out: mlflow(out, "2"), "mlflow-3": lambda out: mlflow(out, "3"), "wandb-0.16": lambda out: wandb(out, "0.16"),
    "wandb-0.31": lambda out: wandb(out, "0.31"), "tensorboard": tensorboard, "frameworks": frameworks, "optuna": optuna,
    "trackio": trackio, "sacred": sacred, "hydra": hydra, "written": written, "pack": pack,
}

if __name__ == "__main__":
    target = Path(sys.argv[1]).resolve()
    target.mkdir(exist_ok=True)
    for word in sys.argv[2:]:
        CLIENTS[word](target)
