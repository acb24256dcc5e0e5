import { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { backend_util, TensorInfo } from "@tensorflow/tfjs-core";
import { shape4 } from "./attributes.js";
import { floatView, type HostBackend } from "./wasm-context.js";

/**
 * Filter gradients as products of shifted windows. A filter's gradient at one tap is the sum over all outputs p of
 * x(p shifted by the tap) · dy(p). If input and dy lie on one grid, the shifted input is the same memory read from a later
 * address: no tap needs a copy (im2col would make one per tap). What a window reads past the end of a row or image are
 * the zeros that pad the next one, so that one row and column of zeros serve both neighbours. Strides split the input
 * into phases, each a grid of its own.
 */
export type WindowGrid = {
  height: number;
  width: number;
  outputHeight: number;
  outputWidth: number;
  /** First row and column of the padded input that each phase holds; it holds every stride-th from there. */
  phases: { row: number; column: number }[];
  /** For each tap of the filter, row by row: its phase, and its shift in cells of the grid. */
  taps: { phase: number; shift: number }[];
  /** Largest shift, by which the last window reaches past the last grid. */
  reach: number;
};

/** Height, width and what goes with them, for formulas that treat both alike. */
export type Axis = {
  input: number;
  output: number;
  kernel: number;
  stride: number;
  dilation: number;
  padBefore: number;
};

export function axesOf(info: backend_util.Conv2DInfo): [rows: Axis, columns: Axis] {
  const { padInfo } = info;
  return [
    {
      input: info.inHeight,
      output: info.outHeight,
      kernel: info.filterHeight,
      stride: info.strideHeight,
      dilation: info.dilationHeight,
      padBefore: padInfo.top,
    },
    {
      input: info.inWidth,
      output: info.outWidth,
      kernel: info.filterWidth,
      stride: info.strideWidth,
      dilation: info.dilationWidth,
      padBefore: padInfo.left,
    },
  ];
}

/** Phase and shift of a tap along one axis. */
const placeOf = ({ stride, dilation }: Axis, tap: number) => ({
  phase: (tap * dilation) % stride,
  shift: Math.floor((tap * dilation) / stride),
});

/** Cells of a phase that hold input: [first, end). Those before are zeros, and so are those behind. */
function inputCells({ input, stride, padBefore }: Axis, phase: number): { first: number; end: number } {
  return {
    first: Math.max(0, Math.ceil((padBefore - phase) / stride)),
    end: Math.floor((input - 1 + padBefore - phase) / stride) + 1,
  };
}

/** Cells along one axis: no window may take input of the next row for its own padding. */
function gridLength(axis: Axis): number {
  const lengths = Array.from({ length: axis.kernel }, (_, tap) => {
    const { phase, shift } = placeOf(axis, tap);
    const read = axis.output + shift;
    const { first, end } = inputCells(axis, phase);
    return Math.max(Math.min(end, read), read - first);
  });
  return Math.max(axis.output, ...lengths);
}

export function windowGrid(info: backend_util.Conv2DInfo): WindowGrid {
  const [rows, columns] = axesOf(info);
  const [height, width] = [gridLength(rows), gridLength(columns)];
  const phases: WindowGrid["phases"] = [];
  const taps: WindowGrid["taps"] = [];
  for (let tapRow = 0; tapRow < rows.kernel; tapRow++) {
    for (let tapColumn = 0; tapColumn < columns.kernel; tapColumn++) {
      const [down, right] = [placeOf(rows, tapRow), placeOf(columns, tapColumn)];
      let phase = phases.findIndex(({ row, column }) => row === down.phase && column === right.phase);
      if (phase < 0) phase = phases.push({ row: down.phase, column: right.phase }) - 1;
      taps.push({ phase, shift: down.shift * width + right.shift });
    }
  }
  const reach = Math.max(...taps.map(({ shift }) => shift));
  return { height, width, outputHeight: rows.output, outputWidth: columns.output, phases, taps, reach };
}

/** Cases [from, to) of dy [n, h, w, c] on the grid, zeros elsewhere: [cells, c]. The caller releases it. */
export function gradientOnGrid(
  backend: HostBackend,
  dy: TensorInfo,
  grid: WindowGrid,
  { from, to }: { from: number; to: number },
): TensorInfo {
  const { height, width, outputHeight, outputWidth } = grid;
  const channels = shape4(dy.shape)[3];
  const result = backend.makeOutput([(to - from) * height * width, channels], "float32");
  const source = floatView(backend, dy);
  const target = floatView(backend, result);
  const row = outputWidth * channels;
  if (height === outputHeight && width === outputWidth) {
    target.set(source.subarray(from * height * row, to * height * row));
    return result;
  }
  target.fill(0);
  for (let n = from; n < to; n++) {
    for (let r = 0; r < outputHeight; r++) {
      const start = (n * outputHeight + r) * row;
      target.set(source.subarray(start, start + row), ((n - from) * height + r) * width * channels);
    }
  }
  return result;
}

/** Calls back with every row of a phase: where it starts in the input and in the grid, and how many columns the input has. */
export function forEachGridRow(
  info: backend_util.Conv2DInfo,
  grid: WindowGrid,
  given: { phase: number; from: number; to: number },
  visit: (inputCell: number, gridCell: number, columns: number) => void,
): void {
  const [rows, columns] = axesOf(info);
  const { row, column } = grid.phases[given.phase] ?? { row: 0, column: 0 };
  const down = inputCells(rows, row);
  const right = inputCells(columns, column);
  const [lastRow, lastColumn] = [Math.min(down.end, grid.height), Math.min(right.end, grid.width)];
  if (lastColumn <= right.first) return;
  const inputColumn = right.first * columns.stride + column - columns.padBefore;
  for (let n = given.from; n < given.to; n++) {
    for (let r = down.first; r < lastRow; r++) {
      const inputRow = r * rows.stride + row - rows.padBefore;
      const gridCell = ((n - given.from) * grid.height + r) * grid.width + right.first;
      visit((n * rows.input + inputRow) * columns.input + inputColumn, gridCell, lastColumn - right.first);
    }
  }
}

function wasmOf(backend: HostBackend): BackendWasm {
  const { kernelBackend } = backend;
  if (kernelBackend instanceof BackendWasm) return kernelBackend;
  throw new Error("Windows need the wasm backend.");
}

/** Another tensor over the memory of `tensor`, from its element `offset` on. To be released by {@link releaseWindow}. */
export function windowAt(
  backend: HostBackend,
  tensor: TensorInfo,
  offset: number,
  shape: number[],
): TensorInfo {
  const wasm = wasmOf(backend);
  return wasm.makeOutput(shape, "float32", wasm.getMemoryOffset(tensor.dataId) + 4 * offset);
}

/** Releases a window, but not the memory, which belongs to the tensor it looks at. */
export function releaseWindow(backend: HostBackend, window: TensorInfo): void {
  const wasm = wasmOf(backend);
  // The backend frees the address it finds here, and freeing address 0 does nothing.
  wasm.dataIdMap.get(window.dataId).memoryOffset = 0;
  wasm.disposeData(window.dataId);
}

/** Ranges of cases whose `floatsPerCase` together stay within about a megabyte, the processor's second cache. */
export function* caseChunks(cases: number, floatsPerCase: number): Generator<{ from: number; to: number }> {
  const size = Math.max(1, Math.floor(0x40000 / floatsPerCase));
  for (let from = 0; from < cases; from += size) yield { from, to: Math.min(cases, from + size) };
}
