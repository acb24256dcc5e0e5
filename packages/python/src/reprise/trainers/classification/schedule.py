"""Optimizer and course of the learning rate, as PyTorch has them."""

import torch


def build_optimizer(parameters, hyper):
    """The optimizer over all parameters in one group."""
    rate, decay = hyper["learningRate"], hyper["weightDecay"]
    if hyper["optimizer"] == "sgd":
        return torch.optim.SGD(parameters, lr=rate, momentum=hyper["momentum"], nesterov=hyper.get("nesterov", False), weight_decay=decay)
    kind = torch.optim.Adam if hyper["optimizer"] == "adam" else torch.optim.AdamW
    betas = (hyper["beta1"], hyper["beta2"])
    return kind(parameters, lr=rate, betas=betas, eps=hyper["epsilon"], weight_decay=decay, amsgrad=hyper["amsgrad"])


def build_scheduler(optimizer, hyper):
    """The scheduler, stepped after every epoch by `advance`; None for a constant rate."""
    if hyper["scheduler"] == "cosine":
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=hyper["epochs"], eta_min=0)
    if hyper["scheduler"] == "plateau":
        return torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, factor=hyper["plateauFactor"], patience=hyper["plateauPatience"], min_lr=hyper["plateauMinimum"]
        )
    return None


def advance(scheduler, validation_loss):
    """After an epoch; `validation_loss` is what a plateau is seen by."""
    if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
        scheduler.step(validation_loss)
    elif scheduler is not None:
        scheduler.step()
