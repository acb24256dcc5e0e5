import { describe, expect, test } from "vitest";
import { sampleRequest } from "./check/sample-request.js";
import { failure, run } from "./test-support/inline-trainer.js";

describe("memory that is short", () => {
  test.each([
    // As PyTorch 2 prints them: it has most of the device itself, or asked for more than all of it.
    [
      "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 139.81 GiB of which 18.06 GiB is free. Including non-PyTorch memory, this process has 121.74 GiB memory in use. Of the allocated memory 121.00 GiB is allocated by PyTorch",
      "20.00 GiB",
    ],
    [
      "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 200.00 GiB. GPU 0 has a total capacity of 139.81 GiB of which 139.06 GiB is free. Process 4711 has 17179869184.00 GiB memory in use. Including non-PyTorch memory, this process has 17179869184.00 GiB memory in use.",
      "200.00 GiB",
    ],
    [
      "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 24.00 GiB (GPU 0; 23.69 GiB total capacity; 1.00 GiB already allocated; 22.00 GiB free)",
      "24.00 GiB",
    ],
    [
      "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 24.00 GiB. GPU 0 has a total capacty of 23.69 GiB of which 22.00 GiB is free.",
      "24.00 GiB",
    ],
    [
      "RuntimeError: DefaultCPUAllocator: can't allocate memory: you tried to allocate 80000000000 bytes. Error code 12 (Cannot allocate memory)",
      "74.5 GiB",
    ],
    ["numpy._core._exceptions._ArrayMemoryError: Unable to allocate 7.45 GiB for an array", "7.45 GiB"],
    ["MemoryError", "more than there is"],
  ])("out of memory by what the run asks for is its own error: %s", async (line, asked) => {
    const result = await run(`hello(); console.error(${JSON.stringify(line)}); process.exitCode = 1;`, {
      request: sampleRequest({ parameters: { batchSize: 4096, batchNorm: true } }),
    });
    expect(failure(result)).toMatchObject({
      kind: "user",
      message: `The trainer ran out of memory: it asked for ${asked} with batchSize 4096.`,
      hint: "Choose a smaller batchSize or a smaller model, or a device with more memory.",
    });
  });

  test.each([
    [
      "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 139.81 GiB of which 3.06 MiB is free. Process 4711 has 100.00 GiB memory in use. Including non-PyTorch memory, this process has 39.50 GiB memory in use.",
      "20.00 GiB",
    ],
    ["RuntimeError: CUDA error: out of memory", "more than there is"],
    [
      "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
      "more than there is",
    ],
    [
      "jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 8589934592 bytes.",
      "8.0 GiB",
    ],
    [
      "tensorflow.python.framework.errors_impl.ResourceExhaustedError: OOM when allocating tensor with shape[4096,4096] and type float on /job:localhost/replica:0/task:0/device:GPU:0",
      "more than there is",
    ],
  ])(
    "memory of a device that others may have held is not yet an error of the run: %s",
    async (line, asked) => {
      const result = await run(`hello(); console.error(${JSON.stringify(line)}); process.exitCode = 1;`, {
        request: sampleRequest({ parameters: { batchSize: 4096 } }),
      });
      expect(failure(result)).toMatchObject({
        kind: "infrastructure",
        message: `The device had no memory left for the trainer: it asked for ${asked} with batchSize 4096.`,
        ifAgain: {
          message: `The trainer ran out of the device's memory twice: it asked for ${asked} with batchSize 4096.`,
          hint: "Choose a smaller batchSize or a smaller model, or a device with more memory. Where another program held its memory, retry the run.",
        },
      });
    },
  );

  test("a machine without memory for a new process", async () => {
    const result = await run(
      `hello(); console.error("OSError: [Errno 12] Cannot allocate memory"); process.exitCode = 1;`,
    );
    expect(failure(result)).toMatchObject({
      kind: "infrastructure",
      message: "The machine had no memory left; the trainer ended with exit code 1.",
    });
  });
});

describe("a full disk", () => {
  test.each([
    ["OSError: [Errno 28] No space left on device", "OSError: [Errno 28] No space left on device"],
    [
      "cp: error writing 'x': No space left on device",
      "The trainer ended with exit code 1 without an error event. (cp: error writing 'x': No space left on device)",
    ],
    [
      "Traceback (most recent call last):\\nOSError: [Errno 28] No space left on device\\n\\nDuring handling of the above exception, another exception occurred:\\n\\nTraceback (most recent call last):\\n  File 'x'\\nRuntimeError: unexpected pos 64",
      "RuntimeError: unexpected pos 64 (OSError: [Errno 28] No space left on device)",
    ],
  ])("a disk without room is not an error of the run: %s", async (printed, message) => {
    const result = await run(`hello(); console.error("${printed}"); process.exitCode = 1;`);
    expect(failure(result)).toMatchObject({ kind: "infrastructure", diskFull: true, message });
  });

  test.each([
    // As PyTorch 2.13 and NumPy 2 print them on a full disk.
    [
      "torch.save",
      "RuntimeError: basic_ios::clear: iostream error\\n\\nDuring handling of the above exception, another exception occurred:\\n\\nTraceback (most recent call last):\\nRuntimeError: [enforce fail at inline_container.cc:672] . unexpected pos 64 vs 0",
    ],
    ["numpy.save", "OSError: 1000000 requested and 131056 written"],
  ])("words of %s that may mean a full disk are told to who knows the disk", async (_, words) => {
    const result = await run(
      `hello(); console.error("Traceback (most recent call last):\\n${words}"); process.exitCode = 1;`,
    );
    expect(failure(result)).toMatchObject({ kind: "user", diskFull: true });
  });

  test("so are those of a library that ends its process for it", async () => {
    const words = `terminate called after throwing an instance of 'c10::Error'\\n  what():  [enforce fail at inline_container.cc:672] . unexpected pos 64 vs 0`;
    const result = await run(`hello(); console.error("${words}"); process.abort();`);
    expect(failure(result)).toMatchObject({ kind: "infrastructure", diskFull: true });
  });

  test("a disk without room that a program has dealt with is not why it failed", async () => {
    const result = await run(
      `hello(); console.error("Traceback (most recent call last):\\nOSError: [Errno 28] No space left on device\\nno cache then\\nTraceback (most recent call last):\\n  File 'x'\\nValueError: bad labels"); process.exitCode = 1;`,
    );
    expect(failure(result)).toMatchObject({ kind: "user", message: "ValueError: bad labels" });
    expect(failure(result)).not.toHaveProperty("diskFull");
  });

  test("what a trainer calls an error of its user stays one, whatever it says of a disk", async () => {
    const result = await run(
      `hello(); emit({ type: "error", kind: "user", message: "ENOSPC: no space left on device, write" });`,
    );
    expect(failure(result)).toMatchObject({ kind: "user", diskFull: true });
  });
});
