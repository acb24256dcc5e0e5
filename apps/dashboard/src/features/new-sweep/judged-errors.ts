import { canonicalJson, type FieldError } from "@reprise/contracts";

function valueAt(document: unknown, path: string): unknown {
  let value = document;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** Of mistakes in a former document those at places that have not changed since: the others may be mended already. */
export function errorsStill(errors: readonly FieldError[], former: unknown, now: unknown): FieldError[] {
  const at = (document: unknown, path: string) => canonicalJson(valueAt(document, path) ?? null);
  return errors.filter(({ path }) => path !== "" && at(former, path) === at(now, path));
}

/** Each mistake once, in their order. */
export function eachOnce(errors: readonly FieldError[]): FieldError[] {
  const same = (a: FieldError) => (b: FieldError) => a.path === b.path && a.message === b.message;
  return errors.filter((error, index) => errors.findIndex(same(error)) === index);
}
