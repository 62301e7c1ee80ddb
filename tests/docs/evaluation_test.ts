// What docs/performance.md, "Starting", says that no module does while it is evaluated.
import { assertEquals } from "@std/assert";
import { walk } from "@std/fs/walk";
import { join, relative } from "@std/path";
import { ROOT } from "./_daemon_with.ts";

/** An error that is made while a module is evaluated: by a constant or a static field. */
const ERROR = /^(?:export )?(?:const|let|var)\b[^=(]*= new \w*Error\(|^ +static\b[^=(]*= new \w*Error\(/m;

Deno.test("no module makes an error while it is evaluated", async () => {
  const planted = [
    'const A = new Error("a");',
    "class B {\n  static readonly b: Error = new TypeError();\n}",
  ];
  assertEquals(planted.map((text) => ERROR.test(text)), [true, true]);
  const found: string[] = [];
  for (const folder of ["gmp", "gpmd", "gvm"]) {
    for await (const { path } of walk(join(ROOT, folder), { exts: [".ts"], includeDirs: false })) {
      if (ERROR.test(await Deno.readTextFile(path))) found.push(relative(ROOT, path));
    }
  }
  assertEquals(found, []);
});
