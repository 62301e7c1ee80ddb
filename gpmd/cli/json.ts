import { printJson } from "../../gmp/command/table.ts";

/** What a number is called in JSON, where a reader could not tell its unit from its name. */
const WITH_UNIT: ReadonlyMap<string, string> = new Map([
  ["uptime", "uptimeMs"],
  ["ping", "pingMs"],
  ["time", "timeMs"],
  ["memory", "memoryBytes"],
  ["size", "sizeBytes"],
  ["rss", "rssBytes"],
  ["heap", "heapBytes"],
]);

/** `value` with units in the names of numbers: milliseconds and bytes. */
export function withUnits(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnits);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      typeof one === "number" ? WITH_UNIT.get(name) ?? name : name,
      withUnits(one),
    ]),
  );
}

/** Prints a result as JSON, with units in the names. */
export function printResult(value: unknown): void {
  printJson(withUnits(value));
}
