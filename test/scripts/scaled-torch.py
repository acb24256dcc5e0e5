"""A training whose hidden values are scaled, in its second step, by what stands in a variable of its environment."""

import os

import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = torch.nn.Linear(8, 8), torch.nn.Linear(8, 1)

    def forward(self, inputs, scale):
        return self.second(self.first(inputs) * scale)


model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(1, 4):
    loss = model(torch.randn(16, 8), float(os.environ.get("SCALE", "1")) if step == 2 else 1.0).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
