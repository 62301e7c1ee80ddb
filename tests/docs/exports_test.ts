// What a file exports, another file imports: what only its own file names is no export.
import { assertEquals } from "@std/assert";
import { walk } from "@std/fs/walk";
import { dirname, join, relative } from "@std/path";
import { ROOT } from "./_daemon_with.ts";

const EXPORT = /^export (?:abstract |async )*(?:class|const|function|interface|let|type) (\w+)/gm;
const IMPORT = /\b(?:import|export) (?:type )?(?:\{([^{}]*)\}|\*(?: as \w+)?) from "(\.[^"]+)"/g;
/** The three ways in which names are taken of an import at run time; otherwise all are. */
const LATE_IMPORT = /(?:\{([^{}]*)\} = await )?\bimport\("(\.[^"]+)"\)(?:\)\.(\w+)|\.then\(\(\{([^{}]*)\})?/g;

/** The exports of `sources`, which are by path, that no other of them imports. */
function unused(sources: ReadonlyMap<string, string>): string[] {
  const used = new Set<string>();
  const use = (from: string, to: string, names = "*") => {
    const file = join(dirname(from), to);
    for (const name of names.split(",")) used.add(`${file} ${name.trim().replaceAll(/^type | as .*/g, "")}`);
  };
  for (const [file, source] of sources) {
    for (const [, names, to] of source.matchAll(IMPORT)) use(file, to!, names);
    for (const [, first, to, one, last] of source.matchAll(LATE_IMPORT)) use(file, to!, first ?? one ?? last);
  }
  return [...sources].flatMap(([file, source]) =>
    used.has(`${file} *`)
      ? []
      : Array.from(source.matchAll(EXPORT), ([, name]) => `${file} ${name}`).filter((name) => !used.has(name))
  );
}

Deno.test("what a file exports, another one imports", async () => {
  const sources = new Map<string, string>();
  for (const place of ["gmp", "gpmd", "gvm", "bench", "tests"]) {
    for await (const { path } of walk(join(ROOT, place), { exts: [".ts"], includeDirs: false })) {
      sources.set(relative(ROOT, path), await Deno.readTextFile(path));
    }
  }
  assertEquals(unused(sources), []);
});

Deno.test("an export that is planted is found, whichever way its neighbours are imported", () => {
  const names = ["one", "two", "three", "four", "five", "six"];
  const user = [
    'import { one, type two as second } from "./room/planted.ts";',
    'const { three } = await import("./room/planted.ts");',
    'await (await import("./room/planted.ts")).four();',
    'import("./room/planted.ts").then(({ five }) => five);',
  ];
  const sources = new Map([
    ["room/planted.ts", names.map((name) => `export const ${name} = 1;\n`).join("")],
    ["user.ts", user.join("\n")],
  ]);
  assertEquals(unused(sources), ["room/planted.ts six"]);
  sources.set("other.ts", 'const load = () => import("./room/planted.ts");');
  assertEquals(unused(sources), []);
});
