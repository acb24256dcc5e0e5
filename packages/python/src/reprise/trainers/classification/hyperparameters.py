"""The hyperparameters: what each is, when it is used, and the check of those that are asked for."""

from ...trainer import UserError

# Networks of this package for pictures; timm has its own.
PICTURES = ["resnet", "preact-resnet", "mobilenet"]


def _number(default, description, **more):
    return {"type": "number", "default": default, "description": description, **more}


def _integer(default, description, **more):
    return {"type": "integer", "default": default, "description": description, **more}


def _choice(default, choices, description, **more):
    return {"type": "string", "default": default, "choices": choices, "description": description, **more}


def _switch(description, **more):
    return {"type": "boolean", "default": False, "description": description, **more}


def _list(kind, description, items, **more):
    least, most = items
    return {
        "type": kind,
        "default": None,
        "nullable": True,
        "minimumItems": least,
        "maximumItems": most,
        "description": description,
        **more,
    }


def _of_pictures(entry, without):
    """What is done to pictures only: tables have it off."""
    return {**entry, "fits": [{"values": [without], "data": "table"}]}


_probability = {"minimum": 0, "maximum": 1}

HYPERPARAMETERS = {
    "model": {
        **_choice(
            "mlp",
            ["mlp", *PICTURES, "timm"],
            "Network: mlp (dense layers), resnet, preact-resnet (normalisation and activation before each convolution), mobilenet, or timm: one of that library.",
        ),
        "fits": [{"values": ["mlp"], "data": "table"}],
    },
    "hiddenUnits": {
        **_list("integerList", "Units of each hidden layer.", (0, 8), minimum=1, maximum=4096, usedWhen={"model": ["mlp"]}),
        "default": [64, 64],
        "nullable": False,
    },
    "depth": _integer(
        18,
        "Layers with weights: 18, 34 or, for resnet, 50.",
        minimum=18,
        maximum=50,
        unit="layers",
        fits=[{"values": [18, 34], "when": {"model": ["preact-resnet"]}}, {"values": [18, 34, 50], "when": {"model": ["resnet"]}}],
        usedWhen={"model": ["resnet", "preact-resnet"]},
    ),
    "variant": _choice("v3-large", ["v3-large", "v3-small"], "Version of MobileNet.", usedWhen={"model": ["mobilenet"]}),
    "timmModel": {
        "type": "string",
        "default": "resnet18",
        "description": "Name of a network of timm, such as vit_tiny_patch16_224, with random weights.",
        "usedWhen": {"model": ["timm"]},
    },
    "stem": _choice(
        "cifar",
        ["cifar", "imagenet"],
        "First layers of resnet: imagenet halves the pictures twice as published, cifar not at all, for small pictures.",
        usedWhen={"model": ["resnet"]},
    ),
    "widthMultiplier": _number(
        1.0,
        "Factor of all numbers of filters (mobilenet: rounded to multiples of 8).",
        minimum=0.05,
        maximum=10,
        usedWhen={"model": PICTURES},
    ),
    "dropout": _number(
        0.0,
        "Share of units dropped: after every hidden layer (mlp), before the last layer (mobilenet; published: 0.2), or where timm drops.",
        minimum=0,
        maximum=0.95,
        usedWhen={"model": ["mlp", "mobilenet", "timm"]},
    ),
    "grayAsColor": _of_pictures(
        _switch("Repeats grey pictures in three channels, as networks with weights of colour pictures need."), False
    ),
    "pretrained": {
        "type": "string",
        "default": None,
        "nullable": True,
        "description": "File of initial weights in REPRISE_DATA/weights (.pth or .safetensors, names as in torchvision or timm); a last layer of another size starts anew. Null: random weights.",
        "usedWhen": {"model": ["resnet", "mobilenet", "timm"]},
    },
    "optimizer": _choice("adam", ["sgd", "adam", "adamw"], "Optimisation method, as PyTorch has it."),
    "learningRate": _number(0.001, "Learning rate at the start.", minimum=0),
    "momentum": _number(0.0, "Momentum.", **_probability, usedWhen={"optimizer": ["sgd"]}),
    "nesterov": _switch("Nesterov's form of momentum.", usedWhen={"optimizer": ["sgd"], "momentum": {"not": [0]}}),
    "beta1": _number(0.9, "Decay of the mean of gradients.", minimum=0, maximum=0.999999, usedWhen={"optimizer": ["adam", "adamw"]}),
    "beta2": _number(
        0.999, "Decay of the mean of squared gradients.", minimum=0, maximum=0.999999, usedWhen={"optimizer": ["adam", "adamw"]}
    ),
    "epsilon": _number(
        1e-8, "Added to the root of the mean of squared gradients.", exclusiveMinimum=0, usedWhen={"optimizer": ["adam", "adamw"]}
    ),
    "amsgrad": _switch("Never let the second moment shrink.", usedWhen={"optimizer": ["adam", "adamw"]}),
    "weightDecay": _number(0.0, "Weight decay of all parameters: added to the gradient (sgd, adam), decoupled (adamw).", minimum=0),
    "scheduler": _choice(
        "constant",
        ["constant", "cosine", "plateau"],
        "Course of the learning rate, changed after epochs: cosine to 0 over all epochs, or lowered where validationLoss stands still.",
    ),
    "plateauFactor": _number(0.1, "Factor of each reduction.", exclusiveMinimum=0, maximum=0.999999, usedWhen={"scheduler": ["plateau"]}),
    "plateauPatience": _integer(
        10, "Epochs without improvement before a reduction.", minimum=0, unit="epochs", usedWhen={"scheduler": ["plateau"]}
    ),
    "plateauMinimum": _number(0.0, "Least learning rate.", minimum=0, usedWhen={"scheduler": ["plateau"]}),
    "loss": _choice(
        "cross-entropy",
        ["cross-entropy", "binary-cross-entropy"],
        "Training loss: cross entropy over an output per class, or binary cross entropy over one output, of two classes with a positive one.",
    ),
    "positiveWeight": _choice(
        "none",
        ["none", "ratio"],
        "Weight of the positive class in the loss: 1, or the number of negative over that of positive training cases.",
        usedWhen={"loss": ["binary-cross-entropy"]},
    ),
    "epochs": _integer(20, "Passes over the training data.", minimum=1, maximum=100_000, unit="epochs"),
    "batchSize": _integer(
        32,
        "Cases per optimisation step; the last batch of an epoch holds what is left.",
        minimum=1,
        maximum=65_536,
        unit="cases",
        limitedBy="trainingCases",
    ),
    "imageSize": _list(
        "integerList",
        "Height and width to which pictures are brought; null for the data set's own.",
        (2, 2),
        minimum=4,
        maximum=8192,
        unit="pixels",
    ),
    "inputMean": _list("numberList", "Per channel, what is subtracted from inputs; null: the mean of the training cases.", (1, 3)),
    "inputStd": _list(
        "numberList",
        "Per channel, what inputs are divided by; null: the standard deviation of the training cases.",
        (1, 3),
        exclusiveMinimum=0,
    ),
    "cropPadding": _of_pictures(
        _integer(
            0,
            "Pixels of black around a training picture, of which a part of its size is cut out; 0 for none.",
            minimum=0,
            maximum=512,
            unit="pixels",
        ),
        0,
    ),
    "flip": _of_pictures(
        _choice(
            "none",
            ["none", "horizontal", "both"],
            "Mirrors training pictures, each with probability 0.5: left and right, or also upside down.",
        ),
        "none",
    ),
    "sharpness": _of_pictures(
        _number(1.0, "Sharpness, with probability 0.5: 0 is blurred, 1 unchanged, 2 twice as sharp.", minimum=0, maximum=10), 1
    ),
    "autocontrast": _of_pictures(_switch("With probability 0.5 stretches every channel of a training picture to full range."), False),
    "grayscale": _of_pictures(_switch("With probability 0.5 makes a training picture grey."), False),
    "rotation": _of_pictures(_number(0.0, "Turns training pictures by up to this, both ways.", minimum=0, maximum=180, unit="degrees"), 0),
    "translation": _of_pictures(_number(0.0, "Moves training pictures by up to this share of width and height.", **_probability), 0),
    "scaleRange": _of_pictures(
        _list(
            "numberList",
            "Least and largest factor by which training pictures are scaled; null for none.",
            (2, 2),
            exclusiveMinimum=0,
            maximum=10,
        ),
        None,
    ),
    "shear": _of_pictures(
        _number(0.0, "Shears training pictures along the width by up to this, both ways.", minimum=0, maximum=80, unit="degrees"), 0
    ),
    "noiseSd": _of_pictures(
        _number(0.0, "Standard deviation of Gaussian noise on training pictures, as a share of full brightness.", **_probability), 0
    ),
    "precision": _choice(
        "float32",
        ["float32", "bfloat16"],
        "Type of automatic mixed precision, in which networks are computed where PyTorch holds it safe; weights and losses stay float32.",
    ),
    "compile": {
        **_switch("Compiles the network (torch.compile), which may add up in another order; needs a C++ compiler."),
        "fits": [{"values": [False], "when": {"dropout": {"not": [0]}}}],
    },
    "scoringBatchSize": _integer(
        None,
        "Cases that are scored together; null: batchSize. Scores of a case can depend on it, though the weights are the same.",
        minimum=1,
        maximum=65_536,
        unit="cases",
        nullable=True,
    ),
    "loaderWorkers": _integer(
        0,
        "Processes that read and augment; 0: the training process does. Their number changes no result.",
        minimum=0,
        maximum=64,
        unit="processes",
    ),
}

_PLAIN = {
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "string": (str,),
    "numberList": (int, float),
    "integerList": (int,),
}


def effective(requested):
    """
    Every hyperparameter that is used, with its value, and the names of those that were asked for and would not be used.
    Raises UserError naming the first value that cannot be.
    """
    for name, value in requested.items():
        if value is not None or not HYPERPARAMETERS.get(name, {}).get("nullable"):
            _check(name, value)
    values = {name: requested.get(name, entry["default"]) for name, entry in HYPERPARAMETERS.items()}
    used = {name: value for name, value in values.items() if _is_used(name, values)}
    return used, sorted(name for name in requested if name not in used)


def _is_used(name, values):
    for other, condition in HYPERPARAMETERS[name].get("usedWhen", {}).items():
        wanted = condition if isinstance(condition, list) else condition["not"]
        if (values[other] in wanted) != isinstance(condition, list) or not _is_used(other, values):
            return False
    return True


def _check(name, value):
    entry = HYPERPARAMETERS[name]
    is_list = entry["type"].endswith("List")
    items = value if is_list and isinstance(value, list) else [value]
    plain = _PLAIN[entry["type"]]
    is_wrong = is_list != isinstance(value, list) or any(
        not isinstance(item, plain) or isinstance(item, bool) != (plain == (bool,)) for item in items
    )
    if is_wrong:
        raise UserError(f"{name}: {value!r} is not of type {entry['type']}.")
    if "choices" in entry and value not in entry["choices"]:
        raise UserError(f'{name}: "{value}" is not offered.', f"Choose one of {', '.join(entry['choices'])}.")
    least, above, most = (entry.get(limit) for limit in ("minimum", "exclusiveMinimum", "maximum"))
    for item in items:
        if (least is not None and item < least) or (above is not None and item <= above) or (most is not None and item > most):
            low = f"above {above}" if above is not None else None if least is None else f"at least {least}"
            high = None if most is None else f"at most {most}"
            raise UserError(f"{name}: {item} is out of range.", f"It must be {' and '.join(filter(None, (low, high)))}.")
    if is_list and not entry["minimumItems"] <= len(items) <= entry["maximumItems"]:
        raise UserError(f"{name}: {len(items)} values are given; it takes {entry['minimumItems']} to {entry['maximumItems']}.")
