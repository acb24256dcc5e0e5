// Loaded before a program: SIGUSR2 puts its clock an hour on, the next one puts it right. Timers go on as they were.
const hourMs = 3_600_000;
const RealDate = Date;
let offsetMs = 0;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + offsetMs);
    else super(...given);
  }
  static now() {
    return RealDate.now() + offsetMs;
  }
};
process.on("SIGUSR2", () => {
  offsetMs = offsetMs === 0 ? hourMs : 0;
});
