import type { Externs } from "./resolved_types.ts";

/** The packages of interfaces, each with its own. */
export function packagesOf(interfaces: ReadonlyMap<string, Externs>): Map<string, [string, Externs][]> {
  const packages = new Map<string, [string, Externs][]>();
  for (const [whole, externs] of interfaces) {
    const name = packageOf(whole);
    packages.set(name, [...packages.get(name) ?? [], [whole, externs]]);
  }
  return packages;
}

/** The package of an interface: `wasi:io@0.2.0` of `wasi:io/streams@0.2.0`. */
export function packageOf(whole: string): string {
  const at = whole.indexOf("@");
  return whole.slice(0, whole.indexOf("/")) + (at < 0 ? "" : whole.slice(at));
}

/** An interface's own name: `streams` of `wasi:io/streams@0.2.0`. */
export function interfacePart(whole: string): string {
  return writeLabel(/\/([^@]*)/.exec(whole)?.[1] ?? whole);
}

/** Words that WIT gives a meaning (component-model, WIT, "Keywords"). */
const KEYWORDS: ReadonlySet<string> = new Set(
  ("as async bool borrow char constructor enum error-context export f32 f64 flags from func future import include " +
    "interface list map option own package record resource result s16 s32 s64 s8 static stream string tuple type u16 " +
    "u32 u64 u8 use variant with world").split(" "),
);

/** A name as WIT writes it. */
export function writeLabel(name: string): string {
  return KEYWORDS.has(name) ? `%${name}` : name;
}
