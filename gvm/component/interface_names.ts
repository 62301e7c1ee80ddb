import type { ExternalName } from "../../gmp/wasm_format/component/component_reader.ts";

/** The part of a version that compatible versions share (component-model, Explainer, `canonversion`). */
function canonicalVersion(version: string): string {
  const found = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?$/.exec(version);
  if (found === null) return version;
  const [, major, minor = "0", patch = "0"] = found;
  return major !== "0" ? major! : minor !== "0" ? `0.${minor}` : `0.0.${patch}`;
}

/** `name` with its version shortened to what compatible versions share: `wasi:io/streams@0.2`. */
export function canonicalName(name: string): string {
  const at = name.lastIndexOf("@");
  return at < 0 ? name : name.slice(0, at + 1) + canonicalVersion(name.slice(at + 1));
}

/** What an import or export is called in full, with its whole version. */
export function fullName({ name, versionSuffix = "" }: ExternalName): string {
  return name + versionSuffix;
}
