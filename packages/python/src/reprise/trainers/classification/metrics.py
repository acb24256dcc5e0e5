"""
Metrics of a split from the scores of its cases, with the definitions of Reprise's built-in trainer. A rate whose denominator
is empty is NaN, and scores that are not numbers are wrong answers.
"""

import math

import torch

_LOSS = {"direction": "minimize", "unit": "nats", "range": {"low": 0, "high": None}, "chance": None, "loss": True, "counts": None}
_SHARE = {"direction": "maximize", "unit": "fraction", "range": {"low": 0, "high": 1}, "chance": None, "loss": False, "counts": "cases"}

# Name behind the split → label, and what it is.
SPLIT_METRICS = {
    "Loss": ("loss (mean of the training loss)", _LOSS),
    "Accuracy": ("accuracy", _SHARE),
    "BalancedAccuracy": ("balanced accuracy (more than two classes: mean recall)", {**_SHARE, "chance": "1/classes"}),
    "Auc": ("area under the ROC curve (more than two classes: macro one-vs-rest)", {**_SHARE, "chance": 0.5, "counts": None}),
    "F1": ("F1 of the positive class (more than two classes: macro F1)", {**_SHARE, "counts": "oneClass"}),
    "WeightedF1": ("F1 of every class, weighted by its cases", {**_SHARE, "counts": None}),
    "Sensitivity": ("sensitivity for the positive class (two classes only)", {**_SHARE, "counts": "oneClass", "binaryOnly": True}),
    "Specificity": ("specificity (two classes only)", {**_SHARE, "counts": "oneClass", "binaryOnly": True}),
}


def announced():
    """All metrics, as capabilities have them."""
    rows = [
        {"key": "trainLoss", "label": "training loss (mean over the epoch)", "split": "train", "binaryOnly": False, **_LOSS},
        {"key": "trainAccuracy", "label": "training accuracy (mean over the epoch)", "split": "train", "binaryOnly": False, **_SHARE},
        {
            "key": "learningRate",
            "label": "learning rate of the epoch",
            "split": None,
            "binaryOnly": False,
            **{**_LOSS, "direction": None, "unit": "", "loss": False},
        },
    ]
    for split in ("validation", "test"):
        for name, (label, facts) in SPLIT_METRICS.items():
            rows.append({"key": f"{split}{name}", "label": f"{split} {label}", "split": split, "binaryOnly": False, **facts})
    best = {
        "key": "bestTestAccuracy",
        "label": "best test accuracy of any epoch, chosen on the test set",
        "split": "test",
        "chosenOn": "test",
        "binaryOnly": False,
        **_SHARE,
    }
    return [*rows, best]


def scores_of(logits, hyper, positive_class):
    """Scores [cases, classes] in double precision: softmax, or of one output the sigmoid for the positive class."""
    logits = logits.double()
    if hyper["loss"] == "cross-entropy":
        return logits.softmax(1)
    positive = logits[:, 0].sigmoid()
    other = (-logits[:, 0]).sigmoid()
    return torch.stack([positive, other] if positive_class == 0 else [other, positive], 1)


def measure(labels, scores, positive_class, threshold):
    """
    Metric → value of one split, but for its loss. `labels` [cases] and `scores` [cases, classes]; with a positive class, cases
    count as positive from `threshold` on, else as their most probable class.
    """
    classes = scores.shape[1]
    numbers = ~scores.isnan().any(1)
    if positive_class is None:
        predicted = scores.argmax(1)
    else:
        predicted = torch.where(scores[:, positive_class] >= threshold, positive_class, 1 - positive_class)
        # A score that is no number is wrong, whatever the label.
        predicted = torch.where(numbers, predicted, 1 - labels)
    if positive_class is None:
        predicted = torch.where(numbers, predicted, -1)
    there = [k for k in range(classes) if (labels == k).any()]
    counts = {k: _counts(labels, predicted, k) for k in range(classes)}
    recalls = [_share(counts[k][0], counts[k][0] + counts[k][2]) for k in there]
    f1 = {k: _share(2 * hits, 2 * hits + alarms + misses) for k, (hits, alarms, misses) in counts.items()}
    areas = [area_under_roc(labels == k, scores[:, k]) for k in there]
    found = {
        "Accuracy": _share(int((predicted == labels).sum()), len(labels)),
        "BalancedAccuracy": _mean(recalls),
        "Auc": _mean(areas),
        "F1": _mean([f1[k] for k in range(classes) if k in there or (predicted == k).any()]),
        "WeightedF1": _share(sum(f1[k] * (counts[k][0] + counts[k][2]) for k in there), len(labels)),
    }
    if positive_class is None:
        return found
    hits, _, misses = counts[positive_class]
    rejected, _, missed = counts[1 - positive_class]
    sensitivity, specificity = _share(hits, hits + misses), _share(rejected, rejected + missed)
    return {
        **found,
        "BalancedAccuracy": (sensitivity + specificity) / 2,
        "Auc": area_under_roc(labels == positive_class, scores[:, positive_class]),
        "F1": f1[positive_class],
        "Sensitivity": sensitivity,
        "Specificity": specificity,
    }


def area_under_roc(is_positive, scores):
    """
    Probability that a positive case has the higher score, ties counted half; NaN without both classes or for scores that are
    not numbers. Source: Hanley & McNeil (1982).
    """
    positives, negatives = int(is_positive.sum()), int((~is_positive).sum())
    if positives == 0 or negatives == 0 or scores.isnan().any():
        return math.nan
    _, place, count = scores.unique(sorted=True, return_inverse=True, return_counts=True)
    # Mean rank of each value, counted from 1.
    ranks = (count.cumsum(0) - (count - 1) / 2).double()[place]
    return ((ranks[is_positive].sum() - positives * (positives + 1) / 2) / (positives * negatives)).item()


def threshold_of(rule, labels, scores, positive_class):
    """
    The threshold on the positive class's score by the declared rule, from validation data where it is chosen: `fixed`, the
    largest of Youden's index (`youdenOnValidation`), or the largest that reaches a sensitivity (`sensitivityOnValidation`).
    """
    if positive_class is None or rule["rule"] == "fixed":
        return rule["value"]
    positive = scores[:, positive_class]
    is_positive = labels == positive_class
    best, chosen = -math.inf, math.nan
    for candidate in positive[~positive.isnan()].unique(sorted=True).flip(0).tolist():
        said = positive >= candidate
        sensitivity = _share(int((said & is_positive).sum()), int(is_positive.sum()))
        if rule["rule"] == "sensitivityOnValidation":
            if sensitivity >= rule["value"]:
                return candidate
            continue
        index = sensitivity - _share(int((said & ~is_positive).sum()), int((~is_positive).sum()))
        if index > best:
            best, chosen = index, candidate
    return chosen


def _counts(labels, predicted, k):
    """Right answers, false alarms and misses of class k."""
    own, said = labels == k, predicted == k
    return int((own & said).sum()), int((~own & said).sum()), int((own & ~said).sum())


def _share(part, whole):
    return part / whole if whole else math.nan


def _mean(values):
    return sum(values) / len(values) if values else math.nan
