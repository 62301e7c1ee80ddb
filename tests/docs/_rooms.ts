import { walk } from "@std/fs/walk";
import { dirname, join, relative } from "@std/path";
import { ROOT } from "./_daemon_with.ts";

/** Who imports whom, as a room and the rooms that it imports. */
export type Arrows = ReadonlyMap<string, ReadonlySet<string>>;

/** An import: the file that has it and the file that it names, both as paths in the repository. */
interface Import {
  readonly from: string;
  readonly to: string;
}

/** What each part has of its own outside of any room: what it shows, and its command. */
const ENTRY = /^(?:\w+\/)?(?:mod|main|early)\.ts$/;

/** Rooms that have rooms of their own. */
const NESTED: ReadonlySet<string> = new Set([
  "gmp/types",
  "gmp/wasm_format",
  "gpmd/link",
  "gvm/repl",
  "gvm/wasi",
]);

/** The room of a file: its folder, or nothing for an entry point. Rooms of two names are those of `NESTED`. */
export function roomOf(path: string): string | undefined {
  if (ENTRY.test(path)) return undefined;
  const [part, room, inner] = path.split("/").slice(0, -1);
  if (room === undefined) return part;
  const isNested = inner !== undefined && NESTED.has(`${part}/${room}`);
  return [part, room, ...(isNested ? [inner] : [])].join("/");
}

/** All imports between files of the three parts. */
export async function importsOf(): Promise<Import[]> {
  const imports: Import[] = [];
  for (const part of ["gmp", "gpmd", "gvm"]) {
    for await (const { path } of walk(join(ROOT, part), { exts: [".ts"], includeDirs: false })) {
      const code = (await Deno.readTextFile(path)).replaceAll(/\/\*\*.*?\*\//gs, "");
      for (const [, specifier] of code.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+\.ts)"/g)) {
        imports.push({ from: relative(ROOT, path), to: relative(ROOT, join(dirname(path), specifier!)) });
      }
    }
  }
  return imports;
}

/**
 * What is wrong with `imports`, a sentence each: a room that imports one which `allowed` does not give it, or one that
 * `allowed` does not know; an entry point that a room imports. Files beside the rooms of a part belong to a room named like the
 * part, which every other may import.
 */
export function wrongImports(imports: readonly Import[], allowed: Arrows): string[] {
  const wrong: string[] = [];
  for (const { from, to } of imports) {
    const [own, other] = [roomOf(from), roomOf(to)];
    if (own === undefined || own === other) continue;
    if (!allowed.has(own)) wrong.push(`${from} is in no room`);
    else if (other === undefined) wrong.push(`${from} imports the entry point ${to}`);
    else if (!allowed.get(own)!.has(other) && other !== "gmp") wrong.push(`${from} imports ${to}`);
  }
  return wrong;
}

/** Rooms that import each other in a circle, from the first to itself; nothing when there is no circle. */
export function circleIn(arrows: Arrows): string[] | undefined {
  const done = new Set<string>();
  const visit = (room: string, way: readonly string[]): string[] | undefined => {
    if (way.includes(room)) return [...way.slice(way.indexOf(room)), room];
    if (done.has(room)) return undefined;
    for (const next of arrows.get(room) ?? []) {
      const circle = visit(next, [...way, room]);
      if (circle !== undefined) return circle;
    }
    done.add(room);
    return undefined;
  };
  for (const room of arrows.keys()) {
    const circle = visit(room, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
