import { showExport } from "../../gmp/types/write_export.ts";

/** Most functions that are named in an error; `help MODULE` names them all. */
const NAMED_FUNCTIONS = 12;
/** Longest name of a function that is shown in such a list, in characters; a module may have names of megabytes. */
const SHOWN_NAME = 64;
/** Functions that are not called by name. */
const ENTRY_POINTS: ReadonlySet<string> = new Set(["_start", "_initialize"]);

/** Those of `names` that people call. */
export function callableNames(names: readonly string[]): readonly string[] {
  return names.filter((name) => !ENTRY_POINTS.has(name) && name.length <= SHOWN_NAME);
}

/** `there are add, sub and 3 more`, for a module that exports functions of these names, as the prompt takes them. */
export function whatThereIs(names: readonly string[]): string {
  const shown = callableNames(names).slice(0, NAMED_FUNCTIONS).map(showExport);
  const more = names.filter((name) => !ENTRY_POINTS.has(name)).length - shown.length;
  if (shown.length === 0) return "there is none to call";
  const list = shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
  return shown.length + more === 1 ? `there is ${list}` : `there are ${list}`;
}
