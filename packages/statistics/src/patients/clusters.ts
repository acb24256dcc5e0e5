import { invalidInput } from "../errors.js";

/** The name of a cluster: a patient, a slide, a photograph. */
export type ClusterName = string | number;

/** Cases by cluster, in the order in which clusters first appear. */
export type Clusters = {
  /** Number of every case's cluster, from 0. */
  of: Int32Array;
  /** How many clusters there are. */
  count: number;
};

/** The clusters of cases, by name or numbered already, as whoever asks for several figures of the same cases has them. */
export type ClusterNames = ArrayLike<ClusterName> | Clusters;

/** Numbers clusters by name. Throws a StatisticsError unless there is one name per case. */
export function clustersOf(names: ClusterNames, cases: number): Clusters {
  const isNumbered = "count" in names;
  const given = isNumbered ? names.of.length : names.length;
  if (given !== cases)
    throw invalidInput(
      "clusters",
      given,
      `must have ${cases} entries, one per case`,
      "Name the cluster of every case.",
    );
  if (isNumbered) return names;
  const numbers = new Map<ClusterName, number>();
  const of = new Int32Array(cases);
  for (let i = 0; i < cases; i++) {
    const name = names[i] ?? "";
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    of[i] = number;
  }
  return { of, count: numbers.size };
}

/** Whether every case is a cluster of its own, so that cases are the independent units. */
export const areSingletons = ({ of, count }: Clusters): boolean => count === of.length;
