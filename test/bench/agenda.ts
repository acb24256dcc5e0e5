/** What one uses at a time, the others in turn: a lock, a dispatcher. */
export type Turn = {
  /** Takes `s` seconds, from `at` on or once it is free. @returns when it is left */
  use(at: number, s: number): number;
  /** Seconds that it has been in use. */
  busy(): number;
};

export function createTurn(): Turn {
  let freeAt = 0;
  let busy = 0;
  return {
    use(at, s) {
      freeAt = Math.max(at, freeAt) + s;
      busy += s;
      return freeAt;
    },
    busy: () => busy,
  };
}

/** Events by time, the earliest first: a binary heap. */
export type Agenda<T> = {
  add(at: number, event: T): void;
  take(): { at: number; event: T } | undefined;
};

export function createAgenda<T>(): Agenda<T> {
  const heap: { at: number; event: T }[] = [];
  const timeOf = (i: number) => heap[i]?.at ?? Number.POSITIVE_INFINITY;
  const swap = (a: number, b: number) => {
    const [x, y] = [heap[a], heap[b]];
    if (x && y) [heap[a], heap[b]] = [y, x];
  };
  return {
    add(at, event) {
      heap.push({ at, event });
      for (let i = heap.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1;
        if (timeOf(parent) <= timeOf(i)) break;
        swap(i, parent);
        i = parent;
      }
    },
    take() {
      const [first] = heap;
      const last = heap.pop();
      if (first === undefined || last === undefined || heap.length === 0) return first;
      heap[0] = last;
      for (let i = 0; ; ) {
        const least = [2 * i + 1, 2 * i + 2].reduce((a, b) => (timeOf(b) < timeOf(a) ? b : a), i);
        if (least === i) return first;
        swap(i, least);
        i = least;
      }
    },
  };
}
