"""A training that goes on from `run.state`, and whose last epoch draws a factor that nobody has seeded."""

import argparse
import os

import torch

import reprise

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--seed", type=int, default=0)
options = parser.parse_args()

torch.manual_seed(options.seed)
model = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
inputs = torch.randn(64, 8)
run = reprise.run()
state = run.state(model=model, optimizer=optimizer)
for epoch in state.epochs(options.epochs):
    for batch in inputs.split(16):
        factor = 1.0 if epoch < options.epochs - 1 else 1.0 + int.from_bytes(os.urandom(2), "little") / 65536
        loss = (model(batch) * factor - 1).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    run.log(trainLoss=loss.item(), step=epoch + 1)
