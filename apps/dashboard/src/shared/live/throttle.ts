/** Calls `act` at most once per `intervalMs`: at once, and once more at the end if it was asked for meanwhile. */
export function throttled(act: () => void, intervalMs: number): { (): void; cancel: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again = false;
  const tick = () => {
    timer = undefined;
    if (again) call();
  };
  const call = () => {
    if (timer !== undefined) {
      again = true;
      return;
    }
    again = false;
    act();
    timer = setTimeout(tick, intervalMs);
  };
  call.cancel = () => {
    clearTimeout(timer);
    timer = undefined;
    again = false;
  };
  return call;
}
