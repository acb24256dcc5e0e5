"""
Trains CLIP through OpenCLIP's own program, `open_clip_train.main`, as a trainer of Reprise: one file beside `trainer.py`.

Three things it adds. It turns a configuration into that program's flags, and reads back from its `params.txt` what was
really used. It re-applies the determinism settings that the program overwrites (it switches `cudnn.benchmark` on by
itself), and fails a run in which they did not hold to the end. It answers zero-shot questions with the checkpoints.

Worker configuration:
    trainers: [{ name: openclip, command: python3, args: [.../reprise/openclip.py] }]
"""

import csv
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from reprise.trainer import UserError, digest_of, serve  # noqa: E402

VERSION = "0.1.0"
INSIDE = "--inside"

# ---------------------------------------------------------------------------------------------------------------------
# Configuration to flags
# ---------------------------------------------------------------------------------------------------------------------

MODELS = {"clip-vit-b-32": "ViT-B-32"}
SCHEDULERS = {"cosine": "cosine", "constant": "const"}
# Hyperparameter, flag, and the name under which params.txt holds it.
VALUES = [
    ("batchSizePerRank", "--batch-size", "batch_size"),
    ("warmupSteps", "--warmup", "warmup"),
    ("learningRate", "--lr", "lr"),
    ("weightDecay", "--wd", "wd"),
    ("epochs", "--epochs", "epochs"),
    ("precision", "--precision", "precision"),
    ("beta1", "--beta1", "beta1"),
    ("beta2", "--beta2", "beta2"),
    ("epsilon", "--eps", "eps"),
]
SWITCHES = [
    ("gatherWithGrad", "--gather-with-grad", "gather_with_grad"),
    ("localLoss", "--local-loss", "local_loss"),
    ("gradCheckpointing", "--grad-checkpointing", "grad_checkpointing"),
    ("batchNormSync", "--use-bn-sync", "use_bn_sync"),
    ("ddpStaticGraph", "--ddp-static-graph", "ddp_static_graph"),
]


def flags_of(parameters, seed):
    """Flags of open_clip_train.main for a configuration. What is unset (null) gets no flag: its own default holds."""
    given = {name: value for name, value in parameters.items() if value is not None}
    model = given.get("model", "clip-vit-b-32")
    flags = ["--model", MODELS.get(model, model), "--seed", str(seed)]
    if given.get("optimizer", "adamw") != "adamw":
        raise UserError(f'optimizer "{given["optimizer"]}" is not what this trainer uses', "Set optimizer to adamw.")
    if "pretrained" in given:
        flags += ["--pretrained", given["pretrained"]]
        if given["pretrained"] == "openai":
            # OpenAI's weights were trained with this activation.
            flags += ["--force-quick-gelu"]
    if "scheduler" in given:
        flags += ["--lr-scheduler", SCHEDULERS[given["scheduler"]]]
    if "cropScale" in given:
        least, most = given["cropScale"]
        flags += ["--aug-cfg", f"scale=({float(least)},{float(most)})"]
    for name, flag in (("inputMean", "--image-mean"), ("inputStd", "--image-std")):
        if name in given:
            flags += [flag, *map(str, given[name])]
    for name, flag, _ in VALUES:
        if name in given:
            flags += [flag, repr(given[name]) if isinstance(given[name], float) else str(given[name])]
    for name, flag, _ in SWITCHES:
        if given.get(name):
            flags.append(flag)
    return flags


def read_params(path):
    """params.txt: a line `name: value` for every setting that the program really had."""
    with open(path, encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(": ", 1) for line in file if ": " in line)


def effective(parameters, params):
    """
    Hyperparameters with the values in params.txt, and sentences about those that were left unset (null), which stay so in the
    record. A difference from what was asked for ends the run.
    """
    used, unset = dict(parameters), []
    for name, _, key in [*VALUES, *SWITCHES]:
        if key not in params:
            raise UserError(f"params.txt has no {key}: this version of OpenCLIP is not known to the adapter")
        asked, got = parameters.get(name), params[key]
        switch = (name, _, key) in SWITCHES
        value = got == "True" if switch else got if name == "precision" else float(got) if got != "None" else None
        if isinstance(value, float) and value.is_integer() and not isinstance(asked, float):
            value = int(value)
        if asked is not None and value != asked:
            raise UserError(f"{name} was set to {asked}, but OpenCLIP used {got}")
        if name in parameters and asked is None:
            unset.append(f"{name} was left unset: OpenCLIP's own default is {got}.")
        else:
            used[name] = value
    return used, unset


# ---------------------------------------------------------------------------------------------------------------------
# Determinism: runs inside each process of the training
# ---------------------------------------------------------------------------------------------------------------------


def figure2_literal(seed, rank):
    """The routine of Figure 2 of the CLIP hyperparameter study, as printed: CUDA gets the plain seed on every rank."""
    import numpy
    import torch

    torch.manual_seed(seed + rank)
    numpy.random.seed(seed + rank)
    random.seed(seed + rank)
    torch.cuda.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True


def full(seed, rank, tf32=False):
    """Everything PyTorch offers: also deterministic algorithms for all operations, and no silent TF32."""
    import torch

    figure2_literal(seed, rank)
    torch.use_deterministic_algorithms(True)
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32


def free(seed, rank, tf32=False):
    """Seeds alike, execution left free: autotuning on, no deterministic algorithms."""
    import torch

    figure2_literal(seed, rank)
    torch.use_deterministic_algorithms(False)
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.deterministic = False
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32


PROFILES = {"figure2-literal": figure2_literal, "full": full, "free": free}


def settings():
    """What decides how operations are executed, as it stands."""
    import torch

    return {
        "cudnn.benchmark": torch.backends.cudnn.benchmark,
        "cudnn.deterministic": torch.backends.cudnn.deterministic,
        "deterministicAlgorithms": torch.are_deterministic_algorithms_enabled(),
        "cuda.matmul.tf32": torch.backends.cuda.matmul.allow_tf32,
        "cudnn.tf32": torch.backends.cudnn.allow_tf32,
        "CUBLAS_WORKSPACE_CONFIG": os.environ.get("CUBLAS_WORKSPACE_CONFIG"),
        "PYTHONHASHSEED": os.environ.get("PYTHONHASHSEED"),
    }


def inside(profile, report, arguments):
    """
    open_clip_train.main in this process, with its seeding replaced by a profile. The program calls its `random_seed` after
    it has set cudnn.benchmark, and again once the model is there: what is asked for is applied then, and compared in the end.
    """
    from open_clip_train import main as program

    calls = []

    def seeded(seed=42, rank=0):
        PROFILES[profile](seed, rank)
        calls.append(settings())

    program.random_seed = seeded
    status = program.main(arguments)
    rank = os.environ.get("RANK", "0")
    held = bool(calls) and settings() == calls[-1]
    record = {"rank": int(rank), "profile": profile, "applied": calls[-1] if calls else None, "end": settings(), "held": held}
    pathlib.Path(f"{report}.{rank}.json").write_text(json.dumps(record))
    return 0 if status in (None, 0) else 1


# ---------------------------------------------------------------------------------------------------------------------
# Data
# ---------------------------------------------------------------------------------------------------------------------

IMAGE_COLUMNS = ("image_path", "image", "filepath", "path")
CAPTION_COLUMNS = ("caption", "title", "text")


def write_pairs(dataset, folder):
    """
    CSV files of absolute image paths and captions for training and validation, from the set's own table in REPRISE_DATA:
    `quilt_1M_lookup.csv` or any CSV with an image and a caption column; rows whose `split` says val are for validation.
    """
    root = os.environ.get("REPRISE_DATA")
    base = pathlib.Path(root or ".") / dataset
    tables = sorted(base.glob("*.csv")) if root else []
    if not tables:
        raise UserError(
            f"data set {dataset} is not there: no CSV of images and captions in {base}",
            f"Set REPRISE_DATA, and put images and a CSV with the columns image_path and caption into its folder {dataset}.",
        )
    writers, files, counts = {}, {}, {"train": 0, "validation": 0}
    with open(tables[0], newline="", encoding="utf-8") as source:
        reader = csv.DictReader(source)
        columns = reader.fieldnames or []
        image = next((name for name in IMAGE_COLUMNS if name in columns), None)
        caption = next((name for name in CAPTION_COLUMNS if name in columns), None)
        if image is None or caption is None:
            raise UserError(f"{tables[0]} has no image and caption column; it has: {', '.join(columns)}")
        for part in counts:
            files[part] = open(folder / f"{part}.csv", "w", newline="", encoding="utf-8")
            writers[part] = csv.writer(files[part])
            writers[part].writerow(["filepath", "title"])
        for row in reader:
            path = pathlib.Path(row[image])
            candidates = [path] if path.is_absolute() else [base / path, base / "images" / path]
            found = next((str(candidate) for candidate in candidates if candidate.exists()), str(candidates[0]))
            part = "validation" if row.get("split", "").startswith("val") else "train"
            writers[part].writerow([found, row[caption]])
            counts[part] += 1
    for file in files.values():
        file.close()
    return counts


# ---------------------------------------------------------------------------------------------------------------------
# Zero-shot questions: Table 6 of the study
# ---------------------------------------------------------------------------------------------------------------------

TEMPLATES = [
    "a histopathology slide showing {c}",
    "histopathology image of {c}",
    "pathology tissue showing {c}",
    "presence of {c} tissue on image",
]
QUESTIONS = {
    "lc25000Lung": {
        "classes": ["Benign lung", "Lung adenocarcinoma", "Lung squamous cell carcinoma"],
        "folders": ["lung_n", "lung_aca", "lung_scc"],
        "positive": None,
    },
    "lc25000Colon": {
        "classes": ["Colon adenocarcinoma", "Benign colonic tissue"],
        "folders": ["colon_aca", "colon_n"],
        "positive": 0,
    },
    "patchCamelyon": {
        "classes": ["Lymph node", "Lymph node containing metastatic tumor tissue"],
        "folders": None,
        "positive": 1,
    },
}


def open_image(source):
    """An image from a file or an array [height, width, channels]."""
    from PIL import Image

    return (Image.fromarray(source) if hasattr(source, "shape") else Image.open(source)).convert("RGB")


def question_images(name):
    """(id, label, opener) of every image of a question, or an empty list where its data are not there."""
    root = pathlib.Path(os.environ.get("REPRISE_DATA", "."))
    folders = QUESTIONS[name]["folders"]
    if folders is None:
        files = [next(iter((root / "patch-camelyon").glob(f"**/*test_{part}.h5")), None) for part in "xy"]
        if None in files:
            return []
        import h5py

        x, y = (h5py.File(file, "r")[key] for file, key in zip(files, "xy"))
        return [(str(i), int(y[i].item()), lambda i=i: open_image(x[i])) for i in range(len(y))]
    found = []
    for label, folder in enumerate(folders):
        for place in sorted((root / "lc25000").glob(f"**/{folder}")):
            for path in sorted(place.glob("*.jp*g")):
                found.append((path.name, label, lambda path=path: open_image(path)))
    return found


def zero_shot(model, tokenizer, preprocess, name, images, batch=64):
    """Scores of images for the classes of a question: templates averaged per class, cosines; two classes as in Reprise."""
    import torch

    question = QUESTIONS[name]
    positive = question["positive"]
    with torch.no_grad():
        classes = []
        for label in question["classes"]:
            texts = tokenizer([template.replace("{c}", label) for template in TEMPLATES])
            vectors = torch.nn.functional.normalize(model.encode_text(texts).float(), dim=-1)
            classes.append(torch.nn.functional.normalize(vectors.mean(dim=0), dim=-1))
        weights = torch.stack(classes)
        scores = []
        for start in range(0, len(images), batch):
            pixels = torch.stack([preprocess(opener()) for _, _, opener in images[start : start + batch]])
            vectors = torch.nn.functional.normalize(model.encode_image(pixels).float(), dim=-1)
            scores += (vectors @ weights.T).tolist()
    if positive is None:
        return scores
    own = [0.5 + (row[positive] - row[1 - positive]) / 4 for row in scores]
    return [[1 - s, s] if positive == 1 else [s, 1 - s] for s in own]


def rates(labels, scores, positive):
    """Accuracy, and sensitivity and specificity where a class is positive."""
    if positive is None:
        predicted = [max(range(len(row)), key=row.__getitem__) for row in scores]
    else:
        predicted = [positive if row[positive] >= 0.5 else 1 - positive for row in scores]
    right = [p == label for p, label in zip(predicted, labels)]
    share = lambda kept: sum(kept) / len(kept) if kept else float("nan")  # noqa: E731
    found = {"Accuracy": share(right)}
    if positive is not None:
        found["Sensitivity"] = share([r for r, label in zip(right, labels) if label == positive])
        found["Specificity"] = share([r for r, label in zip(right, labels) if label != positive])
    return found


def ask_questions(run, checkpoints, params):
    """Zero-shot figures of every saved epoch; predictions of the last."""
    questions = {name: question_images(name) for name in QUESTIONS}
    questions = {name: images for name, images in questions.items() if images}
    if not questions:
        run.log("No zero-shot data in REPRISE_DATA: neither lc25000 nor patch-camelyon.")
        return
    import open_clip
    import torch

    model, _, preprocess = open_clip.create_model_and_transforms(
        params["model"], force_quick_gelu=params.get("force_quick_gelu") == "True"
    )
    tokenizer = open_clip.get_tokenizer(params["model"])
    for epoch, path in checkpoints:
        model.load_state_dict(weights_of(torch.load(path, map_location="cpu", weights_only=False)))
        model.eval()
        for name, images in questions.items():
            scores = zero_shot(model, tokenizer, preprocess, name, images)
            labels = [label for _, label, _ in images]
            question = QUESTIONS[name]
            key = f"test{name[0].upper()}{name[1:]}"
            found = rates(labels, scores, question["positive"])
            run.metrics(epoch, **{f"{key}{rate}": value for rate, value in found.items()})
            if epoch == checkpoints[-1][0]:
                run.emit(
                    "predictions",
                    split="test",
                    question={"name": name, "classes": question["classes"], "positiveClass": question["positive"]},
                    epoch=epoch,
                    ids=[case for case, _, _ in images],
                    labels=labels,
                    scores=scores,
                    threshold=None if question["positive"] is None else 0.5,
                )


def weights_of(checkpoint):
    """The state_dict of a checkpoint, without the prefix that data parallelism adds."""
    return {re.sub(r"^module\.", "", name): tensor for name, tensor in checkpoint["state_dict"].items()}


# ---------------------------------------------------------------------------------------------------------------------
# The run
# ---------------------------------------------------------------------------------------------------------------------

RESULTS = {"clip_val_loss": "validationLoss", "image_to_text_R@1": "validationImageToTextRecall",
           "text_to_image_R@1": "validationTextToImageRecall"}
TRAINING_LINE = re.compile(r"Train Epoch: (\d+) .*Contrastive_loss: \S+ \(([0-9.naif]+)\)")


class Follower:
    """Reads what the program appends to its files, and reports whole lines once."""

    def __init__(self, run, folder):
        self.run, self.folder, self.read, self.losses = run, folder, {}, {}

    def lines(self, path):
        if not path.exists():
            return []
        with open(path, encoding="utf-8") as file:
            file.seek(self.read.get(path, 0))
            text = file.read()
        whole = text[: text.rfind("\n") + 1]
        self.read[path] = self.read.get(path, 0) + len(whole.encode())
        return whole.splitlines()

    def report(self, final=False):
        for line in self.lines(self.folder / "out.log"):
            match = TRAINING_LINE.search(line)
            if match:
                self.losses[int(match[1]) + 1] = float(match[2])
        newest = max(self.losses, default=0)
        for epoch in [epoch for epoch in self.losses if epoch < newest or final]:
            self.run.metrics(epoch, trainLoss=self.losses.pop(epoch))
        for line in self.lines(self.folder / "checkpoints" / "results.jsonl"):
            result = json.loads(line)
            epoch = int(result["epoch"])
            found = {ours: result[theirs] for theirs, ours in RESULTS.items() if theirs in result}
            if epoch > 0:
                self.run.metrics(epoch, **found)
                self.run.progress(epoch, self.run.parameters["epochs"])


def profile_of(run):
    execution = run.execution
    if execution["algorithms"] == "deterministic" and not execution["autotune"]:
        return "full"
    return "free" if execution["autotune"] else "figure2-literal"


def train(run):
    profile = profile_of(run)
    parameters = run.parameters
    output = pathlib.Path(run.output_directory)
    output.mkdir(parents=True, exist_ok=True)
    counts = write_pairs(run.request["dataset"]["name"], output)
    name = f"attempt-{run.request['attempt']}"
    folder = output / name
    flags = flags_of(parameters, run.seed) + [
        "--dataset-type", "csv", "--csv-separator", ",", "--train-data", str(output / "train.csv"),
        "--logs", str(output), "--name", name, "--workers", os.environ.get("REPRISE_LOADER_WORKERS", "0"),
        "--save-frequency", "1", "--log-every-n-steps", "1",
    ]
    if counts["validation"]:
        flags += ["--val-data", str(output / "validation.csv")]
    ranks = run.request["resources"]["ranks"]
    launcher = [sys.executable] if ranks == 1 else [sys.executable, "-m", "torch.distributed.run", "--standalone",
                                                    f"--nproc-per-node={ranks}"]
    report = output / f"determinism-{name}"
    # Read by libraries when they load: they have to stand before the process starts.
    environment = dict(os.environ, PYTHONHASHSEED=str(run.seed % 2**32))
    if profile == "full":
        environment["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
    child = subprocess.Popen([*launcher, __file__, INSIDE, profile, str(report), *flags], env=environment, stdin=subprocess.DEVNULL)
    try:
        params_file = folder / "params.txt"
        while child.poll() is None and not params_file.exists():
            time.sleep(0.05)
        if not params_file.exists():
            raise RuntimeError(f"open_clip_train.main ended with code {child.wait()} before it wrote params.txt; see the log")
        while child.poll() is None and "zeroshot_frequency" not in read_params(params_file):
            time.sleep(0.05)
        params = read_params(params_file)
        used, unset = effective(parameters, params)
        run.hello(
            used,
            backend="gpu" if "cuda" in params.get("device", "") else "cpu",
            disclosures=[
                f"Determinism profile {profile}, applied after open_clip_train.main had switched cudnn.benchmark on by itself.",
                f"{counts['train']} training pairs, {counts['validation']} validation pairs, {ranks} processes.",
                "trainLoss is the program's own running mean of the epoch.",
                *unset,
            ],
        )
        run.log("open_clip_train.main " + " ".join(flags))
        run.environment(**{f"openclip.{key}": params[key] for key in ("device", "precision", "workers", "world_size") if key in params})
        follower = Follower(run, folder)
        while child.poll() is None:
            follower.report()
            time.sleep(0.2)
        follower.report(final=True)
    except BaseException:
        child.terminate()
        child.wait()
        raise
    if child.returncode != 0:
        raise RuntimeError(f"open_clip_train.main ended with code {child.returncode}; see the log")
    for record in [json.loads(path.read_text()) for path in sorted(output.glob(f"{report.name}.*.json"))]:
        run.environment(**{f"rank{record['rank']}.{key}": value for key, value in (record["end"] or {}).items()})
        if not record["held"]:
            raise RuntimeError(f"the determinism settings of rank {record['rank']} did not hold: {json.dumps(record)}")
    checkpoints = sorted(
        (int(match[1]), path)
        for path in (folder / "checkpoints").glob("epoch_*.pt")
        if (match := re.fullmatch(r"epoch_(\d+)\.pt", path.name))
    )
    if not checkpoints:
        raise RuntimeError("open_clip_train.main left no checkpoint")
    import torch

    epoch, last = checkpoints[-1]
    digest = digest_of(weights_of(torch.load(last, map_location="cpu", weights_only=False)))
    ask_questions(run, checkpoints, params)
    run.done(digest=digest, selected_epoch=epoch)


def _number(description, default, **limits):
    return {"type": "number", "description": description, "default": default, **limits}


def _switch(description):
    return {"type": "boolean", "description": description, "default": False}


def _integer(description, default):
    return {"type": "integer", "description": description, "default": default, "minimum": 0}


def _list(description):
    return {"type": "numberList", "description": description, "default": None, "nullable": True}


HYPERPARAMETERS = {
    "model": {"type": "string", "description": "clip-vit-b-32, or any model name of OpenCLIP.", "default": "clip-vit-b-32"},
    "pretrained": {"type": "string", "description": "Weights to start from, e.g. openai; null for random ones.", "default": None, "nullable": True},
    "optimizer": {"type": "string", "description": "AdamW is all there is.", "choices": ["adamw"], "default": "adamw"},
    "batchSizePerRank": _integer("Pairs per process and step.", 64),
    "warmupSteps": _integer("Steps over which the learning rate rises.", 10000),
    "learningRate": _number("Peak learning rate.", 5e-4, minimum=0),
    "scheduler": {"type": "string", "description": "Course of the learning rate.", "choices": ["cosine", "constant"], "default": "cosine"},
    "weightDecay": _number("Decoupled weight decay.", 0.2, minimum=0),
    "beta1": _number("Decay of the mean of gradients.", 0.9, minimum=0, maximum=1),
    "beta2": _number("Decay of the mean of squared gradients.", 0.98, minimum=0, maximum=1),
    "epsilon": _number("Added to the root of the second moment.", 1e-6, minimum=0),
    "epochs": _integer("Passes over the data.", 32),
    "cropScale": _list("Least and largest area of RandomResizedCrop; null for OpenCLIP's default."),
    "inputMean": _list("Mean per channel; null for the model's own."),
    "inputStd": _list("Standard deviation per channel; null for the model's own."),
    "precision": {"type": "string", "description": "Arithmetic.", "default": "amp",
                  "choices": ["amp", "amp_bf16", "amp_bfloat16", "bf16", "fp16", "pure_bf16", "pure_fp16", "fp32"]},
    "gatherWithGrad": _switch("Gradients flow through gathered features."),
    "localLoss": _switch("Loss of local rows against all features."),
    "gradCheckpointing": _switch("Compute activations again instead of keeping them."),
    "batchNormSync": _switch("Synchronise batch norm; does nothing in vision transformers."),
    "ddpStaticGraph": _switch("Static graph of DistributedDataParallel."),
}


def _metric(key, label, unit="fraction", direction="maximize", split="test"):
    return {"key": key, "label": label, "direction": direction, "unit": unit, "split": split}


CAPABILITIES = {
    "name": "openclip",
    "version": VERSION,
    "description": "CLIP through OpenCLIP's own training program, with determinism settings that hold.",
    "tasks": ["contrastive"],
    "backends": ["node-gpu", "cpu"],
    "deviceClass": "gpu",
    "summationOrders": ["fixed", "free"],
    "hyperparameters": HYPERPARAMETERS,
    "metrics": [
        _metric("trainLoss", "contrastive training loss", "nats", "minimize", "train"),
        _metric("validationLoss", "contrastive validation loss", "nats", "minimize", "validation"),
        _metric("validationImageToTextRecall", "validation recall at 1, image to text", split="validation"),
        _metric("validationTextToImageRecall", "validation recall at 1, text to image", split="validation"),
        *[
            # On data sets of their own: no part of the training set's split.
            _metric(f"test{name[0].upper()}{name[1:]}{rate}", f"zero-shot {rate.lower()}, {name}", split=None)
            for name, question in QUESTIONS.items()
            for rate in ["Accuracy", *(["Sensitivity", "Specificity"] if question["positive"] is not None else [])]
        ],
    ],
    "datasets": [],
    "replay": False,
    "resume": False,
    "nondeterminismSource": "cuDNN autotuning and CUDA operations without a deterministic form (profiles free and figure2-literal).",
}


def describe():
    """Capabilities, with the data sets that are there."""
    root = pathlib.Path(os.environ.get("REPRISE_DATA", "."))
    names = sorted({"quilt-1m", *(place.name for place in root.glob("*") if any(place.glob("*.csv")))} if "REPRISE_DATA" in os.environ else {"quilt-1m"})
    datasets = [
        {
            "name": name,
            "title": "QUILT-1M" if name == "quilt-1m" else name,
            "description": "Images with captions.",
            "citation": "Ikezogwo, W. O., et al. (2023). Quilt-1M: One million image-text pairs for histopathology." if name == "quilt-1m" else "",
            "license": "see its publishers" ,
            "available": any((root / name).glob("*.csv")) if "REPRISE_DATA" in os.environ else False,
            "hint": f"Put images and a CSV with the columns image_path and caption into REPRISE_DATA/{name}.",
            "cases": None,
            "inputShape": [],
            "classes": [],
            "positiveClass": None,
            "digest": None,
            "defaultSplit": {"train": 1, "validation": 0, "test": 0, "seed": 0, "groupBy": None},
        }
        for name in names
    ]
    return {**CAPABILITIES, "datasets": datasets}


if __name__ == "__main__":
    if INSIDE in sys.argv:
        at = sys.argv.index(INSIDE)
        sys.exit(inside(sys.argv[at + 1], sys.argv[at + 2], sys.argv[at + 3 :]))
    serve("openclip", VERSION, train, describe())
