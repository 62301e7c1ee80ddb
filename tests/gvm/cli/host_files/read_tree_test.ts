import { assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../../gmp/errors.ts";
import { type HostTree, readTree } from "../../../../gvm/cli/host_files/read_tree.ts";
import { TreeBudget } from "../../../../gvm/cli/host_files/tree_budget.ts";
import { make, Place } from "./_place.ts";

function read(host: string, bytes = 1 << 20): HostTree {
  return readTree(host, new TreeBudget(bytes));
}

function pathsOf({ entries }: HostTree): string[] {
  return entries.map(({ path }) => path).sort();
}

async function python(script: string, cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("python3", { args: ["-c", script], cwd }).output();
  assertEquals(success, true, new TextDecoder().decode(stderr));
}

Deno.test("a tree is read as it is: files, directories, and links that are not followed", () => {
  using place = new Place({ "sub": "/", "sub/deep": "/", "sub/a.txt": "text", "to-sub": "-> sub" });
  Deno.utimeSync(`${place.host}/sub/a.txt`, 0, 1_600_000_000.5);
  make(place.host, { "out": "-> ../outside/secret" });
  const { entries } = read(place.host);
  const shown = Object.fromEntries(entries.map((entry) => [
    entry.path,
    entry.type === "file"
      ? new TextDecoder().decode(entry.bytes)
      : entry.type === "link"
      ? `-> ${entry.target}`
      : "/",
  ]));
  assertEquals(shown, place.shown);
  assertEquals(entries.find(({ path }) => path === "sub/a.txt")!.modifiedAt, 1_600_000_000_500_000_000n);
  const order = entries.map(({ path }) => path);
  assertEquals(order.indexOf("sub") < order.indexOf("sub/deep"), true, "a directory is before what is in it");
});

Deno.test("a directory that is too large, missing or none is refused by name", () => {
  using place = new Place({ "a": "12345" });
  assertEquals(pathsOf(read(place.host, 5)), ["a"]);
  const large = assertThrows(() => read(place.host, 4), GhostError);
  assertEquals([large.code, large.message], [
    "PAYLOAD_TOO_LARGE",
    `Cannot load "${place.host}": it has more than 4 bytes`,
  ]);
  for (const [path, why] of [["none", "it does not exist"], ["a", "a file is where a directory should be"]]) {
    const error = assertThrows(() => read(`${place.host}/${path}`), GhostError);
    assertEquals(error.message, `Cannot load "${place.host}/${path}": ${why}`);
  }
});

Deno.test("all directories of a run have one budget, of bytes and of entries", () => {
  using place = new Place({ "a": "12345" });
  const budget = new TreeBudget(8);
  readTree(place.host, budget);
  assertThrows(() => readTree(place.host, budget), GhostError, "it has more than 8 bytes");
  const entries = new TreeBudget(0);
  for (let i = 0; i < 65_536; i++) entries.takeEntry("x");
  const many = assertThrows(() => entries.takeEntry("x"), GhostError);
  assertEquals(many.message, 'Cannot load "x": it has more than 65536 files, directories and links');
});

Deno.test("names that are not UTF-8 are left out, and cost nothing else", async () => {
  using place = new Place({ "good": "1", "real\ufffd": "2" });
  await python(
    String.raw`
for name in b'bad\xff', b'real\xff':
  open(name, 'w').write('x')
import os
os.mkdir(b'dir\xff')
open(b'dir\xff/in', 'w')
os.symlink(b'to\xff', 'link')`,
    place.host,
  );
  const tree = read(place.host);
  assertEquals(pathsOf(tree), ["good", "real\ufffd"]);
  assertEquals(Object.fromEntries(tree.leftOut), {
    "bad\ufffd": "its name is not UTF-8",
    "dir\ufffd": "its name is not UTF-8",
    "real\ufffd": "its name is not UTF-8",
    "link": "its target is not UTF-8",
  });
});

Deno.test("what is no file is left out, and not opened", async () => {
  using place = new Place({ "file": "x" });
  await python(
    "import os, socket; os.mkfifo('pipe'); socket.socket(socket.AF_UNIX).bind('socket')",
    place.host,
  );
  const tree = read(place.host);
  assertEquals(pathsOf(tree), ["file"]);
  const reason = "it is not a file, directory or link";
  assertEquals(Object.fromEntries(tree.leftOut), { "pipe": reason, "socket": reason });
});

Deno.test({
  name: "what may not be read is left out",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    using place = new Place({ "file": "x", "closed": "x", "locked": "/", "locked/in": "x" });
    Deno.chmodSync(place.top, 0o755);
    for (const name of ["closed", "locked"]) Deno.chmodSync(`${place.host}/${name}`, 0o000);
    const script = `
      import { readTree } from "${import.meta.resolve("../../../../gvm/cli/host_files/read_tree.ts")}";
      import { TreeBudget } from "${import.meta.resolve("../../../../gvm/cli/host_files/tree_budget.ts")}";
      const { entries, leftOut } = readTree(Deno.args[0], new TreeBudget(1000));
      console.log(JSON.stringify([entries.map(({ path }) => path), Object.fromEntries(leftOut)]));`;
    const bundled = `${place.top}/script.ts`;
    Deno.writeTextFileSync(bundled, script);
    const deno = ["deno", "run", "--no-check", "--config", "deno.json", "-A", bundled, place.host];
    // Nothing is closed to the superuser, who has to give that up.
    const powers = Deno.uid() === 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : [];
    const [program, ...args] = [...powers, ...deno];
    const { stdout, stderr } = await new Deno.Command(program!, { args }).output();
    const reason = "you may not use it";
    assertEquals(
      new TextDecoder().decode(stdout).trim(),
      JSON.stringify([["file"], { "locked": reason, "closed": reason }]),
      new TextDecoder().decode(stderr),
    );
    Deno.chmodSync(`${place.host}/locked`, 0o700);
  },
});

Deno.test("directories nest as deep as a path is long, and deeper ones are left out", async () => {
  using place = new Place();
  const top = place.host;
  // Relative names reach further than whole paths do.
  await python("import os\nfor i in range(2200): os.mkdir('d'); os.chdir('d')", top);
  try {
    const { entries, leftOut } = read(top);
    const deepest = top.length + 1 + entries.at(-1)!.path.length;
    assertEquals(deepest <= 4095 && deepest > 4090, true, `${deepest}`);
    assertEquals([...leftOut.values()], ["its path is longer than the system takes"]);
  } finally {
    await new Deno.Command("rm", { args: ["-rf", `${top}/d`] }).output();
  }
});

Deno.test("a file that is written to all the time is taken as it comes", async () => {
  using place = new Place({ "log": "" });
  const script = "f = open('log', 'a')\nwrite = lambda: (f.write('line\\n'), f.flush())\n" +
    "write()\nprint('go', flush=True)\nwhile True: write()";
  const child = new Deno.Command("python3", { args: ["-c", script], cwd: place.host, stdout: "piped" })
    .spawn();
  const output = child.stdout.getReader();
  await output.read();
  const tree = readTree(place.host, new TreeBudget(1 << 28));
  child.kill("SIGKILL");
  await Promise.all([child.status, output.cancel()]);
  const [log] = tree.entries;
  assertEquals(log?.type === "file" && log.path, "log");
  assertEquals(
    new TextDecoder().decode(log?.type === "file" ? log.bytes.subarray(0, 5) : undefined),
    "line\n",
  );
});

Deno.test("what write-backs have left is no part of the tree", () => {
  const names = ["", "-0", "-12.old", ".redo", ".undo", ".draft"].map((end) => `.gvm-0123456789abcdef${end}`);
  using place = new Place({ "sub": "/", ".gvm-notes": "x", [`sub/${names[1]}`]: "/" });
  for (const name of names) make(place.host, { [name]: "x" });
  const tree = read(place.host);
  assertEquals(pathsOf(tree), [names[0]!, ".gvm-notes", "sub"].sort());
  assertEquals(tree.temporaries.toSorted(), [...names.slice(1), `sub/${names[1]}`].sort());
});
