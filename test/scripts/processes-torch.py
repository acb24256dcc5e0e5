"""A training of as many processes as it is told, each on its part of the data, which as many workers load."""

import argparse

import torch
import torch.distributed as dist

parser = argparse.ArgumentParser()
parser.add_argument("--processes", type=int, default=1)
parser.add_argument("--workers", type=int, default=0)
options = parser.parse_args()

torch.set_num_threads(1)
torch.manual_seed(7)
data = torch.randn(32, 4)
model = torch.nn.Linear(4, 1)
sampler = None
if options.processes > 1:
    dist.init_process_group("gloo")
    sampler = torch.utils.data.DistributedSampler(data, seed=7)
    model = torch.nn.parallel.DistributedDataParallel(model)
loader = torch.utils.data.DataLoader(data, batch_size=4, sampler=sampler, shuffle=sampler is None, num_workers=options.workers)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for batch in loader:
    loss = model(batch).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
if options.processes > 1:
    dist.barrier()
    dist.destroy_process_group()
