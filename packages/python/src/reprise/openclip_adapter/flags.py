"""A configuration as flags of open_clip_train.main."""

from ..trainer import UserError

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
