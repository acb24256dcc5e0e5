"""Zero-shot questions, asked of checkpoints: Table 6 of the CLIP hyperparameter study."""

import os
import pathlib

from .weights import weights_of

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


def zero_shot(model, tokenizer, preprocess, name, images, device="cpu", batch=64):
    """Scores of images for the classes of a question: templates averaged per class, cosines; two classes as in Reprise."""
    import torch

    question = QUESTIONS[name]
    positive = question["positive"]
    with torch.no_grad():
        classes = []
        for label in question["classes"]:
            texts = tokenizer([template.replace("{c}", label) for template in TEMPLATES]).to(device)
            vectors = torch.nn.functional.normalize(model.encode_text(texts).float(), dim=-1)
            classes.append(torch.nn.functional.normalize(vectors.mean(dim=0), dim=-1))
        weights = torch.stack(classes)
        scores = []
        for start in range(0, len(images), batch):
            pixels = torch.stack([preprocess(opener()) for _, _, opener in images[start : start + batch]]).to(device)
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
    share = lambda flags: sum(flags) / len(flags) if flags else float("nan")  # noqa: E731
    found = {"Accuracy": share(right)}
    if positive is not None:
        found["Sensitivity"] = share([r for r, label in zip(right, labels) if label == positive])
        found["Specificity"] = share([r for r, label in zip(right, labels) if label != positive])
    return found


def ask_questions(run, checkpoints, params):
    """Zero-shot figures of every saved epoch, computed on the device that trained; predictions of the last."""
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
    device = torch.device(params.get("device", "cpu"))
    model.to(device)
    tokenizer = open_clip.get_tokenizer(params["model"])
    for epoch, path in checkpoints:
        model.load_state_dict(weights_of(torch.load(path, map_location="cpu", weights_only=False)))
        model.eval()
        for name, images in questions.items():
            scores = zero_shot(model, tokenizer, preprocess, name, images, device)
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
