/** Grams of CO2 equivalents per kWh of electricity generated, over its life cycle. */
export type CarbonIntensity = { gramsPerKWh: number; place: string; year: number | null; source: string };

const ember =
  "Ember and Energy Institute, processed by Our World in Data: carbon intensity of electricity generation";

/**
 * National averages of 2023 from one source, so that they compare. The paper's own value for Germany is kept
 * beside them: its table of energy gives 105.06 kg for 275.22 kWh.
 */
const table: Record<string, { place: string; year: number | null; gramsPerKWh: number; source: string }> = {
  world: { place: "World", year: 2023, gramsPerKWh: 481, source: ember },
  AR: { place: "Argentina", year: 2023, gramsPerKWh: 354, source: ember },
  AT: { place: "Austria", year: 2023, gramsPerKWh: 111, source: ember },
  AU: { place: "Australia", year: 2023, gramsPerKWh: 549, source: ember },
  BE: { place: "Belgium", year: 2023, gramsPerKWh: 138, source: ember },
  BR: { place: "Brazil", year: 2023, gramsPerKWh: 98, source: ember },
  CA: { place: "Canada", year: 2023, gramsPerKWh: 170, source: ember },
  CN: { place: "China", year: 2023, gramsPerKWh: 582, source: ember },
  CZ: { place: "Czechia", year: 2023, gramsPerKWh: 450, source: ember },
  DE: { place: "Germany", year: 2023, gramsPerKWh: 381, source: ember },
  DK: { place: "Denmark", year: 2023, gramsPerKWh: 152, source: ember },
  FI: { place: "Finland", year: 2023, gramsPerKWh: 79, source: ember },
  FR: { place: "France", year: 2023, gramsPerKWh: 56, source: ember },
  GR: { place: "Greece", year: 2023, gramsPerKWh: 337, source: ember },
  IE: { place: "Ireland", year: 2023, gramsPerKWh: 291, source: ember },
  IN: { place: "India", year: 2023, gramsPerKWh: 713, source: ember },
  "cuda-randomness": {
    place: "Germany (as in the study of CUDA randomness)",
    year: null,
    gramsPerKWh: 381.7,
    source: "Table VI, experiment runs: 105.06 kg / 275.22 kWh",
  },
};

export const knownPlaces = Object.keys(table);

/**
 * Intensity of a place (ISO 3166 code of two letters, `world`, or `cuda-randomness`), or a value given outright.
 * @throws for a place that the table lacks, naming the known ones.
 */
export function carbonIntensity(
  settings: { place?: string; gramsPerKWh?: number; source?: string } = {},
): CarbonIntensity {
  const { place = "world", gramsPerKWh, source } = settings;
  if (gramsPerKWh !== undefined) {
    return {
      gramsPerKWh,
      place: settings.place ?? "configured",
      year: null,
      source: source ?? "worker configuration",
    };
  }
  const found = table[place.length === 2 ? place.toUpperCase() : place];
  if (!found) {
    throw new Error(
      `No carbon intensity is known for "${place}". Known: ${knownPlaces.join(", ")}; or give gramsPerKWh.`,
    );
  }
  return found;
}
