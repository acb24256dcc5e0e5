"""A training that goes on from `run.state`: shuffled cases, dropout, momentum, and a schedule. It can be killed, or wait, in its third epoch."""

import argparse
import os
import signal
import time

import torch

import reprise

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--third", choices=["trains", "is killed", "waits"], default="trains")
options = parser.parse_args()

torch.manual_seed(options.seed)
torch.set_num_threads(1)
model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.BatchNorm1d(16), torch.nn.Dropout(0.5), torch.nn.Linear(16, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
loader = torch.utils.data.DataLoader(torch.randn(48, 8), batch_size=16, shuffle=True)
run = reprise.run()
state = run.state(model=model, optimizer=optimizer, scheduler=scheduler, loader=loader)
for epoch in state.epochs(4):
    for number, batch in enumerate(loader):
        loss = (model(batch) - 1).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if epoch == 2 and number == 1 and not state.restored and options.third == "is killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if epoch == 2 and number == 1 and not state.restored and options.third == "waits":
            time.sleep(600)
    scheduler.step()
    run.log(trainLoss=loss.item(), step=epoch + 1)
