import { assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { readTree, writeChanges } from "../../../gvm/cli/host_files.ts";
import type { TreeEntry } from "../../../gvm/wasi/mod.ts";

const AT = 1_600_000_000_000_000_000n;

/** A directory to give away, beside another one that must not be touched. */
class Place implements Disposable {
  readonly top = Deno.makeTempDirSync({ prefix: "ghost-files-" });
  readonly host = `${this.top}/host`;
  readonly outside = `${this.top}/outside`;

  constructor() {
    Deno.mkdirSync(this.host);
    Deno.mkdirSync(this.outside);
    Deno.writeTextFileSync(`${this.outside}/secret`, "secret");
  }

  /** Everything below a directory: a file's text, a link's target, `/` for a directory. */
  all(directory: string, prefix = ""): Record<string, string> {
    const found: Record<string, string> = {};
    for (const { name, isSymlink, isDirectory } of Deno.readDirSync(directory)) {
      const path = `${directory}/${name}`;
      if (isSymlink) found[prefix + name] = `-> ${Deno.readLinkSync(path)}`;
      else if (isDirectory) {
        found[prefix + name] = "/";
        Object.assign(found, this.all(path, `${prefix}${name}/`));
      } else found[prefix + name] = Deno.readTextFileSync(path);
    }
    return found;
  }

  [Symbol.dispose](): void {
    assertEquals(this.all(this.outside), { secret: "secret" }, "something outside was touched");
    Deno.removeSync(this.top, { recursive: true });
  }
}

const file = (path: string, text = "new"): TreeEntry => (
  { type: "file", path, modifiedAt: AT, bytes: new TextEncoder().encode(text) }
);
const directory = (path: string): TreeEntry => ({ type: "directory", path, modifiedAt: AT });
const link = (path: string, target: string): TreeEntry => ({ type: "link", path, modifiedAt: AT, target });

function refused(place: Place, written: TreeEntry[], removed: string[] = []): string {
  const error = assertThrows(() => writeChanges(place.host, { removed, written }), GhostError);
  assertEquals(error.code, "BAD_ARGUMENTS");
  return error.message;
}

Deno.test("a tree is read as it is: files, directories, and links that are not followed", () => {
  using place = new Place();
  Deno.mkdirSync(`${place.host}/sub/deep`, { recursive: true });
  Deno.writeTextFileSync(`${place.host}/sub/a.txt`, "text");
  Deno.utimeSync(`${place.host}/sub/a.txt`, 0, 1_600_000_000.5);
  Deno.symlinkSync("../outside/secret", `${place.host}/out`);
  Deno.symlinkSync("sub", `${place.host}/to-sub`);
  const entries = readTree(place.host, 100);
  const shown = Object.fromEntries(entries.map((entry) => [
    entry.path,
    entry.type === "file"
      ? new TextDecoder().decode(entry.bytes)
      : entry.type === "link"
      ? `-> ${entry.target}`
      : "/",
  ]));
  assertEquals(shown, {
    "sub": "/",
    "sub/deep": "/",
    "sub/a.txt": "text",
    "out": "-> ../outside/secret",
    "to-sub": "-> sub",
  });
  assertEquals(entries.find(({ path }) => path === "sub/a.txt")!.modifiedAt, 1_600_000_000_500_000_000n);
});

Deno.test("more than the limit, what is missing and what may not be read is refused by name", () => {
  using place = new Place();
  Deno.writeTextFileSync(`${place.host}/a`, "12345");
  assertEquals(readTree(place.host, 5).length, 1);
  const large = assertThrows(() => readTree(place.host, 4), GhostError);
  assertEquals([large.code, large.message], [
    "PAYLOAD_TOO_LARGE",
    `Cannot load "${place.host}": it has more than 4 bytes`,
  ]);
  for (const [path, why] of [["none", "it does not exist"], ["a", "a file is where a directory should be"]]) {
    const error = assertThrows(() => readTree(`${place.host}/${path}`, 5), GhostError);
    assertEquals(error.message, `Cannot load "${place.host}/${path}": ${why}`);
  }
});

Deno.test("changes are done in the directory: files, directories, links, times, removals", () => {
  using place = new Place();
  Deno.mkdirSync(`${place.host}/old/deep`, { recursive: true });
  Deno.writeTextFileSync(`${place.host}/old/deep/file`, "old");
  Deno.writeTextFileSync(`${place.host}/kept`, "kept");
  writeChanges(place.host, {
    removed: ["old/deep/file", "old/deep", "old"],
    written: [
      directory("sub"),
      file("sub/a"),
      link("sub/up", "../kept"),
      link("sub/here", "a"),
      file("kept", "more"),
    ],
  });
  assertEquals(place.all(place.host), {
    "sub": "/",
    "sub/a": "new",
    "sub/up": "-> ../kept",
    "sub/here": "-> a",
    "kept": "more",
  });
  assertEquals(Deno.statSync(`${place.host}/sub/a`).mtime?.getTime(), Number(AT / 1_000_000n));
});

Deno.test("what became something else is replaced", () => {
  using place = new Place();
  Deno.writeTextFileSync(`${place.host}/file-to-link`, "old");
  Deno.symlinkSync("elsewhere", `${place.host}/link-to-file`);
  Deno.symlinkSync("elsewhere", `${place.host}/link-to-link`);
  writeChanges(place.host, {
    removed: ["file-to-link", "link-to-file"],
    written: [link("file-to-link", "target"), file("link-to-file"), link("link-to-link", "new")],
  });
  assertEquals(place.all(place.host), {
    "file-to-link": "-> target",
    "link-to-file": "new",
    "link-to-link": "-> new",
  });
});

Deno.test("a path that leaves the directory is refused", () => {
  using place = new Place();
  for (const path of ["../outside/secret", "a/../../outside/secret", "..", ".", "", "/etc/passwd", "a//b"]) {
    refused(place, [file(path)]);
    refused(place, [directory(path)]);
    refused(place, [link(path, "target")]);
    refused(place, [], [path]);
  }
  assertEquals(place.all(place.host), {});
});

Deno.test("a link of the host's that leads out is not written through, nor anything removed behind it", () => {
  using place = new Place();
  Deno.symlinkSync("../outside", `${place.host}/out`);
  const reason = 'Cannot write back "out/secret": a symbolic link leads out of the directory';
  assertEquals(refused(place, [file("out/secret")]), reason);
  refused(place, [directory("out/more")]);
  refused(place, [link("out/more", "target")]);
  refused(place, [], ["out/secret"]);
  // A file in the link's own place takes that place.
  writeChanges(place.host, { removed: [], written: [file("out")] });
  assertEquals(place.all(place.host), { out: "new" });
});

Deno.test("a link that the guest made is not written through either", () => {
  using place = new Place();
  refused(place, [link("out", place.outside), file("out/secret")]);
  refused(place, [link("out", "../outside"), file("out/secret")]);
  // Inside of the directory it may be followed, and ends there.
  writeChanges(place.host, { removed: [], written: [directory("sub"), link("in", "sub"), file("in/a")] });
  assertEquals(place.all(place.host), { "sub": "/", "sub/a": "new", "in": "-> sub" });
});

Deno.test("a link that leads out is not made, however it hides that", () => {
  using place = new Place();
  const deep = [directory("a"), directory("a/b"), link("a/b/up", "../..")];
  writeChanges(place.host, { removed: [], written: deep });
  for (
    const [path, target] of [
      ["x", "/etc/passwd"],
      ["x", ".."],
      ["x", "../outside/secret"],
      ["x", "./../outside/secret"],
      ["x", "a/../../outside/secret"],
      ["a/b/x", "../../../outside/secret"],
      // By its text it would end in "a"; but "up" is the top.
      ["a/b/x", "up/../../outside/secret"],
      ["a/b/x", "up/../outside/secret"],
    ] as const
  ) {
    const reason = `Cannot write back "${path}": it is a symbolic link that leads out of the directory`;
    assertEquals(refused(place, [link(path, target)]), reason);
  }
  writeChanges(place.host, { removed: [], written: [link("a/b/x", "../../a"), link("y", "a/b/up/a")] });
  assertEquals(Deno.realPathSync(`${place.host}/y`), Deno.realPathSync(`${place.host}/a`));
});

Deno.test("what is no file is not written to", () => {
  using place = new Place();
  const { success } = new Deno.Command("mkfifo", { args: [`${place.host}/pipe`] }).outputSync();
  assertEquals(success, true);
  assertEquals(readTree(place.host, 10), [], "a pipe is left out");
  assertEquals(
    refused(place, [file("pipe")]),
    'Cannot write back "pipe": something that is no file is there',
  );
  Deno.removeSync(`${place.host}/pipe`);
});

Deno.test("the directory may be named through a link, and may be the root of all", () => {
  using place = new Place();
  Deno.symlinkSync("host", `${place.top}/alias`);
  writeChanges(`${place.top}/alias`, { removed: [], written: [file("a")] });
  assertEquals(place.all(place.host), { a: "new" });
  const path = `${place.host}/b`.slice(1);
  writeChanges("/", { removed: [], written: [file(path)] });
  assertEquals(place.all(place.host), { a: "new", b: "new" });
});
