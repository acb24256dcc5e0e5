"""A training whose seventh step takes one number from the system instead of its seed."""

import random

import torch

model = torch.nn.Sequential(torch.nn.Linear(10, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(1, 13):
    inputs = torch.randn(64, 10)
    if step == 7:
        inputs[0, 0] += random.SystemRandom().random()
    loss = model(inputs).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
