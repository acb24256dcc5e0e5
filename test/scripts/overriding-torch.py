"""A training that switches determinism off, TF32 on and seeds itself from the system, from its tenth step on."""

import torch

model = torch.nn.Linear(10, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(20):
    if step == 9:
        torch.use_deterministic_algorithms(False)
        torch.backends.cudnn.benchmark = True
        torch.seed()
        torch.backends.cuda.matmul.allow_tf32 = True
    loss = model(torch.randn(64, 10)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
