import { hashIn, type ModuleName } from "../../gmp/names.ts";
import type { Run } from "./language/syntax.ts";

/** The module's name as the node takes it. */
export function moduleOf({ module, version }: Pick<Run, "module" | "version">): ModuleName {
  const hash = version && hashIn(version.text);
  return hash === undefined ? { module: module.text, version: version?.text } : { module: module.text, hash };
}
