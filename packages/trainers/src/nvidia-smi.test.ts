import { expect, test } from "vitest";
import { listGpus, parseGpus, visibleGpus } from "./nvidia-smi.js";

const csv = `0, GPU-aaaa-1, NVIDIA A100-SXM4-80GB, 550.54.15, 81920, 8.0, 400.00
1, GPU-bbbb-2, NVIDIA GeForce GTX 1080, 550.54.15, 8192, 6.1, [N/A]
`;

test("rows of nvidia-smi, with what a card does not tell as null", () => {
  expect(parseGpus(csv)).toEqual([
    {
      index: 0,
      uuid: "GPU-aaaa-1",
      name: "NVIDIA A100-SXM4-80GB",
      driver: "550.54.15",
      memoryMiB: 81920,
      computeCapability: "8.0",
      powerLimitWatts: 400,
    },
    expect.objectContaining({ index: 1, powerLimitWatts: null }),
  ]);
  expect(parseGpus("No devices were found\n")).toEqual([]);
});

test("CUDA_VISIBLE_DEVICES chooses by index or uuid, in its order", () => {
  const gpus = parseGpus(csv);
  const indices = (visible: string | undefined) => visibleGpus(gpus, visible).map((gpu) => gpu.index);
  expect(indices(undefined)).toEqual([0, 1]);
  expect(indices("1,0")).toEqual([1, 0]);
  expect(indices("GPU-bbbb")).toEqual([1]);
  expect(indices("")).toEqual([]);
});

test("a machine without the driver has no GPUs", async () => {
  await expect(listGpus("/nonexistent/nvidia-smi")).resolves.toEqual([]);
});
