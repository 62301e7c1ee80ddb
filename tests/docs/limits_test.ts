// docs/limits.md has every cap of the code, with the value that it has there.
import { assert, assertEquals } from "@std/assert";
import { walk } from "@std/fs/walk";
import { join, relative, toFileUrl } from "@std/path";
import { MAX_MODULE_SIZE } from "../../gmp/messages/module.ts";
import { DEFAULT_LIMITS, GREATEST_LIMITS } from "../../gvm/engine/execution_limits.ts";
import { DEFAULT_FILE_SYSTEM_LIMITS } from "../../gvm/wasi/mod.ts";
import { ROOT } from "./_daemon_with.ts";
import { readPage, rowsOf } from "./_tables.ts";

/** What a cap is called. Other constants may be in the page as well, and are checked where they are. */
const CAP = /^(MAX|LARGEST|LONGEST|GREATEST)(_|$)|_(LIMIT|CAP|TIME|BUDGET)$/;
const CONSTANT = /^(?:export )?const ([A-Z][A-Z0-9_]*)(?:: \w+)? = ([^;]+);/gm;
/** A number, or an expression of numbers and other constants. */
const ARITHMETIC = /^(?:[\d_.\s()+*/<-]|Math\.floor|\b[A-Z][A-Z0-9_]*\b)+$/;

const page = await readPage("limits.md");
const rows = rowsOf(page, "limit", "value", "in");

/** The numeric constants of a source file by name, each as it is written. */
async function constantsOf(path: string): Promise<Map<string, string>> {
  const source = await Deno.readTextFile(join(ROOT, path));
  const all = Array.from(source.matchAll(CONSTANT), ([, name, value]) => [name!, value!] as const);
  return new Map(all.filter(([, value]) => ARITHMETIC.test(value)));
}

/** The value of a constant: what its module exports, or what is written in its source when it is private. */
async function valueOf(path: string, name: string): Promise<unknown> {
  const exported = await import(toFileUrl(join(ROOT, path)).href);
  if (name in exported) return exported[name];
  const written = (await constantsOf(path)).get(name);
  assert(written !== undefined, `${path} has no numeric constant ${name}`);
  const known = rows.filter(({ limit }) => limit !== name && new RegExp(`\\b${limit}\\b`).test(written));
  const names = known.map(({ limit }) => limit!);
  return new Function(...names, `return ${written}`)(...known.map(({ value }) => Number(value)));
}

Deno.test("limits.md has the values of the code", async () => {
  for (const { limit, value, in: path } of rows) {
    assertEquals(Number(value), await valueOf(path!, limit!), `${limit} in ${path}`);
  }
});

Deno.test("limits.md has every cap of the code", async () => {
  const listed = new Set(rows.map(({ limit, in: path }) => `${path} ${limit}`));
  const missing: string[] = [];
  for (const folder of ["gmp", "gpmd", "gvm"]) {
    for await (const { path } of walk(join(ROOT, folder), { exts: [".ts"], includeDirs: false })) {
      const file = relative(ROOT, path);
      for (const name of (await constantsOf(file)).keys()) {
        if (CAP.test(name) && !listed.has(`${file} ${name}`)) missing.push(`${file} ${name}`);
      }
    }
  }
  assertEquals(missing, []);
});

Deno.test("limits.md has the limits of a call", () => {
  const read = rowsOf(page, "limit", "default", "greatest");
  const column = (name: "default" | "greatest") =>
    Object.fromEntries(read.map((row) => [row.limit!, Number(row[name])]));
  assertEquals(column("default"), { ...DEFAULT_LIMITS });
  assertEquals(column("greatest"), { ...GREATEST_LIMITS });
  assert(page.includes(`may have ${DEFAULT_FILE_SYSTEM_LIMITS.inodes} entries`));
});

Deno.test("modules.md has the limits of a call and of a module", async () => {
  const modules = (await readPage("modules.md")).replace(/\s+/g, " ");
  const { time, memory, output } = DEFAULT_LIMITS;
  const mebibytes = (bytes: number) => `${bytes / 2 ** 20} MiB`;
  const call = `${time / 1000} seconds for a call or run, ${mebibytes(memory)} of memory, ${
    mebibytes(output)
  } of output`;
  assert(modules.includes(call), call);
  assert(modules.includes(`A module may have ${mebibytes(MAX_MODULE_SIZE)}`));
});
