import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { readyTrainers } from "./ready-trainers.js";

it("offers the trainers in Python where a Python is named, and the worker's file has no other of that name", () => {
  expect(readyTrainers({}, [])).toEqual([]);
  expect(readyTrainers({ REPRISE_PYTHON: "python3" }, ["torch-classification"])).toEqual([]);
  expect(readyTrainers({ REPRISE_PYTHON: "/opt/torch/bin/python" }, ["my-trainer"])).toMatchObject([
    { name: "torch-classification", command: "/opt/torch/bin/python" },
  ]);
});

it("names a module that is there", ({ skip }) => {
  const [trainer] = readyTrainers({ REPRISE_PYTHON: "python3" }, []);
  if (!trainer) throw new Error("no trainer");
  const find = "import importlib.util, sys; sys.exit(0 if importlib.util.find_spec(sys.argv[1]) else 1)";
  try {
    execFileSync("python3", ["--version"], { stdio: "ignore" });
  } catch {
    skip("there is no python3");
  }
  const options = { cwd: trainer.workingDirectory, env: { ...process.env, ...trainer.env } };
  expect(() => execFileSync("python3", ["-c", find, trainer.args[1] ?? ""], options)).not.toThrow();
});
