import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { readyTrainers } from "./ready-trainers.js";

it("offers the trainers in Python where a Python is named, and the worker's file has no other of that name", () => {
  expect(readyTrainers({}, [])).toEqual([]);
  const taken = ["torch-classification", "torch-laptop"];
  expect(readyTrainers({ REPRISE_PYTHON: "python3" }, taken)).toEqual([]);
  expect(readyTrainers({ REPRISE_PYTHON: "/opt/torch/bin/python" }, ["my-trainer"])).toMatchObject([
    { name: "torch-classification", command: "/opt/torch/bin/python" },
    { name: "torch-laptop", command: "/opt/torch/bin/python" },
  ]);
});

it("names modules that are there", ({ skip }) => {
  const trainers = readyTrainers({ REPRISE_PYTHON: "python3" }, []);
  const find = "import importlib.util, sys; sys.exit(0 if importlib.util.find_spec(sys.argv[1]) else 1)";
  try {
    execFileSync("python3", ["--version"], { stdio: "ignore" });
  } catch {
    skip("there is no python3");
  }
  for (const { workingDirectory, env, args } of trainers) {
    const options = { cwd: workingDirectory, env: { ...process.env, ...env } };
    expect(() => execFileSync("python3", ["-c", find, args[1] ?? ""], options)).not.toThrow();
  }
});
