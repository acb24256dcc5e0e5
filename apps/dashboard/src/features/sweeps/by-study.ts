import type { Preset, Sweep } from "@reprise/contracts";

export type ByStudySweep = Pick<Sweep, "preset">;
export type ByStudyPreset = Pick<Preset, "title" | "parts">;
/** Sweeps that stand together in the list: parts of one study, or one that stands alone (`study` null). */
export type SweepGroup<S, P> = { study: P | null; sweeps: S[] };

/**
 * Neighbours in the list that are parts of one study that comes with Reprise, each part once: a study that was launched
 * twice stands there twice.
 */
export function byStudy<S extends ByStudySweep, P extends ByStudyPreset>(
  sweeps: readonly S[],
  presets: readonly P[],
): SweepGroup<S, P>[] {
  const groups: SweepGroup<S, P>[] = [];
  for (const sweep of sweeps) {
    const { preset } = sweep;
    const study = preset === null ? undefined : presets.find(({ parts }) => parts.includes(preset));
    const last = groups.at(-1);
    const fits = study && last?.study === study && last.sweeps.every((other) => other.preset !== preset);
    if (last && fits) last.sweeps.push(sweep);
    else groups.push({ study: study ?? null, sweeps: [sweep] });
  }
  return groups.map((group) => (group.sweeps.length > 1 ? group : { ...group, study: null }));
}
