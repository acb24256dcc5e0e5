"""A training as anybody writes it, which knows nothing of Reprise."""

import argparse
import os
import signal

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--steps", type=int, default=40)
parser.add_argument("--kill-at", type=int, default=None)
options = parser.parse_args()

torch.manual_seed(options.seed)
model = torch.nn.Sequential(torch.nn.Linear(10, 16), torch.nn.BatchNorm1d(16), torch.nn.ReLU(), torch.nn.Linear(16, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=options.lr)
inputs = torch.randn(256, 10)
targets = inputs.sum(1, keepdim=True)
for step in range(1, options.steps + 1):
    loss = torch.nn.functional.mse_loss(model(inputs), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step == options.kill_at:
        os.kill(os.getpid(), signal.SIGKILL)
