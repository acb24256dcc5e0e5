/** An analysis that is refused on principle, with what to ask for instead. Safe to show to whoever asked. */
export class AnalysisRefusedError extends Error {
  override readonly name = "AnalysisRefusedError";

  constructor(
    /** Field of the request. */
    readonly field: string,
    readonly value: string,
    message: string,
    readonly suggestion: string,
  ) {
    super(message);
  }
}
