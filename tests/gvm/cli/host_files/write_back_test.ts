import { assertEquals } from "@std/assert";
import { canMount } from "../../../tools/mounts.ts";
import { Guest, Place, type Shown } from "./_place.ts";
import { AT, claim, file, NOTHING, refused } from "./_claims.ts";

const LEADS_OUT = "it is a link that leads out of the directory";
const modeOf = (path: string) => Deno.lstatSync(path).mode! & 0o7777;
const ownerOf = (path: string) => [Deno.lstatSync(path).uid, Deno.lstatSync(path).gid];

Deno.test("changes are done in the directory: files, directories, links, times, removals", async () => {
  using place = new Place({
    "old": "/",
    "old/deep": "/",
    "old/deep/file": "old",
    "kept": "kept",
    "gone": "x",
  });
  const guest = new Guest(place.host).remove("old").remove("gone").directory("sub").write("sub/a", "new")
    .directory("sub/sub").write("sub/sub/b", "new").link("sub/up", "../kept").write("kept", "more");
  assertEquals(await guest.writeBack(), { leftOut: NOTHING, kept: NOTHING });
  assertEquals(place.shown, {
    "kept": "more",
    "sub": "/",
    "sub/a": "new",
    "sub/sub": "/",
    "sub/sub/b": "new",
    "sub/up": "-> ../kept",
  });
});

Deno.test("times are written, and one that no file can have is no reason to lose it", async () => {
  using place = new Place();
  const written = [file("a"), { ...file("b"), modifiedAt: 2n ** 64n - 1n }, {
    ...file("c"),
    modifiedAt: -1n,
  }];
  await claim(place, { written });
  assertEquals(Deno.statSync(`${place.host}/a`).mtime?.getTime(), Number(AT / 1_000_000n));
  assertEquals(place.shown, { "a": "new", "b": "new", "c": "new" });
});

/** What a guest does to a tree, and what comes of it. */
const MOVES: Record<string, { before: Shown; does: (guest: Guest) => unknown; after: Shown }> = {
  "a file is moved into a new directory": {
    before: { "precious": "x" },
    does: (guest) => guest.directory("archive").move("precious", "archive/precious"),
    after: { "archive": "/", "archive/precious": "x" },
  },
  "a file is moved over another": {
    before: { "a": "1", "b": "2" },
    does: (guest) => guest.move("a", "b"),
    after: { "b": "1" },
  },
  "two files change places": {
    before: { "a": "1", "b": "2" },
    does: (guest) => guest.move("a", "c").move("b", "a").move("c", "b"),
    after: { "a": "2", "b": "1" },
  },
  "a directory is moved with all that is in it": {
    before: { "a": "/", "a/b": "/", "a/b/c": "1", "a/l": "-> b" },
    does: (guest) => guest.directory("x").move("a", "x/y"),
    after: { "x": "/", "x/y": "/", "x/y/b": "/", "x/y/b/c": "1", "x/y/l": "-> b" },
  },
  "two directories change places": {
    before: { "a": "/", "a/1": "1", "b": "/", "b/2": "2" },
    does: (guest) => guest.move("a", "c").move("b", "a").move("c", "b"),
    after: { "a": "/", "a/2": "2", "b": "/", "b/1": "1" },
  },
  "a file becomes a directory that has it": {
    before: { "a": "1" },
    does: (guest) => guest.move("a", "b").directory("a").move("b", "a/a"),
    after: { "a": "/", "a/a": "1" },
  },
  "a directory becomes a file": {
    before: { "a": "/", "a/b": "/", "a/b/c": "1", "a/d": "2" },
    does: (guest) => guest.move("a/b/c", "c").remove("a").move("c", "a"),
    after: { "a": "1" },
  },
  "a directory becomes a link to where it is now": {
    before: { "a": "/", "a/b": "1" },
    does: (guest) => guest.move("a", "c").link("a", "c"),
    after: { "a": "-> c", "c": "/", "c/b": "1" },
  },
  "a link becomes a directory": {
    before: { "a": "-> b", "b": "/", "b/1": "1" },
    does: (guest) => guest.remove("a").directory("a").write("a/2", "2"),
    after: { "a": "/", "a/2": "2", "b": "/", "b/1": "1" },
  },
  "files and links become each other": {
    before: { "a": "1", "b": "-> a", "c": "-> a" },
    does: (guest) =>
      guest.move("a", "d").link("a", "d").remove("b").write("b", "2").remove("c").link("c", "b"),
    after: { "a": "-> d", "b": "2", "c": "-> b", "d": "1" },
  },
  "a directory is made anew": {
    before: { "a": "/", "a/b": "1", "a/c": "/", "a/c/d": "2" },
    does: (guest) => guest.remove("a").directory("a").write("a/c", "3"),
    after: { "a": "/", "a/c": "3" },
  },
  "a file has a further name": {
    before: { "a": "1" },
    does: (guest) => guest.hardLink("a", "b").write("a", "2"),
    after: { "a": "2", "b": "2" },
  },
};

for (const [name, { before, does, after }] of Object.entries(MOVES)) {
  Deno.test(`${name}`, async () => {
    using place = new Place(before);
    const guest = new Guest(place.host);
    does(guest);
    assertEquals(await guest.writeBack(), { leftOut: NOTHING, kept: NOTHING });
    assertEquals(place.shown, after);
  });
}

Deno.test("a link that leads out is left out, and costs nothing else", async () => {
  using place = new Place({ "precious": "x", "data": "1" });
  const guest = new Guest(place.host).directory("archive").move("precious", "archive/precious")
    .link("out", "../outside").remove("data").link("data", "/etc/passwd").write("result", "r");
  const leftOut = new Map([["out", LEADS_OUT], ["data", LEADS_OUT]]);
  assertEquals(await guest.writeBack(), { leftOut, kept: NOTHING });
  assertEquals(place.shown, { "archive": "/", "archive/precious": "x", "data": "1", "result": "r" });
});

Deno.test("a link of the user's that leads out stays, is not followed, and is not moved to where it leads out", async () => {
  using place = new Place({ "out": "-> /etc", "in": "/", "in/l": "-> ../x", "gone": "-> /etc" });
  const guest = new Guest(place.host).move("out", "in/out").move("in/l", "l").remove("gone").write("x", "1");
  const leftOut = new Map([["l", LEADS_OUT], ["in/out", LEADS_OUT]]);
  const { leftOut: actual } = await guest.writeBack();
  assertEquals(new Map([...actual].sort()), new Map([...leftOut].sort()));
  assertEquals(place.shown, { "in": "/", "in/l": "-> ../x", "out": "-> /etc", "x": "1" });
});

Deno.test("a directory that became a link meanwhile is not written through", async () => {
  using place = new Place({ "sub": "/", "sub/secret": "mine" });
  const guest = new Guest(place.host).write("sub/secret", "changed").remove("sub/secret");
  const other = new Guest(place.host).write("sub/secret", "changed");
  Deno.removeSync(`${place.host}/sub`, { recursive: true });
  Deno.symlinkSync("../outside", `${place.host}/sub`);
  await guest.writeBack();
  assertEquals(
    await refused(place, () => other.writeBack()),
    'Cannot write back "sub/secret": the directory that it is in is gone',
  );
});

Deno.test("another name of a file that was changed keeps what it had", async () => {
  using place = new Place({ "a": "old", "b": "-> a" });
  Deno.linkSync(`${place.host}/a`, `${place.host}/twin`);
  Deno.linkSync(`${place.host}/a`, `${place.top}/twin`);
  await new Guest(place.host).write("b", "new").writeBack();
  assertEquals(place.shown, { "a": "new", "b": "-> a", "twin": "old" });
  assertEquals(Deno.readTextFileSync(`${place.top}/twin`), "old");
});

Deno.test("what is replaced or moved keeps its mode, and its owner where the superuser writes", async () => {
  using place = new Place({
    "run": "1",
    "moved": "2",
    "secret": "3",
    "locked": "4",
    "dir": "/",
    "dir/in": "5",
  });
  const modes = {
    "run": 0o755,
    "moved": 0o751,
    "secret": 0o600,
    "locked": 0o444,
    "dir": 0o750,
    "dir/in": 0o700,
  };
  const isRoot = Deno.uid() === 0;
  const [owner, own] = isRoot
    ? [[12345, 54321], [0, 0]]
    : [[Deno.uid(), Deno.gid()], [Deno.uid(), Deno.gid()]];
  for (const [path, mode] of Object.entries(modes)) {
    Deno.chmodSync(`${place.host}/${path}`, mode);
    if (isRoot) Deno.chownSync(`${place.host}/${path}`, 12345, 54321);
  }
  const guest = new Guest(place.host).write("run.new", "new").move("run.new", "run").move("moved", "here")
    .write("secret", "more").write("locked", "more").move("dir", "there").write("plain", "x");
  await guest.writeBack();
  const after = ["run", "here", "secret", "locked", "there", "there/in"].map((path) =>
    `${place.host}/${path}`
  );
  assertEquals(after.map(modeOf), [0o755, 0o751, 0o600, 0o444, 0o750, 0o700]);
  for (const path of after) assertEquals(ownerOf(path), owner, path);
  assertEquals(modeOf(`${place.host}/plain`) & 0o111, 0);
  assertEquals(ownerOf(`${place.host}/plain`), own);
});

Deno.test("nothing is half done where a directory may not be changed", async () => {
  const closed = Deno.uid() === 0 ? ["chattr", "+i"] : ["chmod", "a-w"];
  const open = Deno.uid() === 0 ? ["chattr", "-i"] : ["chmod", "u+w"];
  const run = ([program, ...args]: string[], path: string) =>
    new Deno.Command(program!, { args: [...args, path] }).outputSync().success;
  using place = new Place({ "a": "1", "closed": "/", "closed/old": "x", "z": "2" });
  if (!run(closed, `${place.host}/closed`)) {
    return console.log("this file system has no immutable directories");
  }
  try {
    const writes = new Guest(place.host).write("a", "new").write("closed/new", "new").remove("z");
    const removes = new Guest(place.host).write("a", "new").remove("closed/old").remove("z");
    for (const [guest, path] of [[writes, "closed/new"], [removes, "closed/old"]] as const) {
      assertEquals(
        await refused(place, () => guest.writeBack()),
        `Cannot write back "${path}": you may not use it`,
      );
    }
  } finally {
    run(open, `${place.host}/closed`);
  }
});

Deno.test({
  name: `nothing is half done where a file turns out not to be replaceable${
    canMount() ? "" : " (no mounts)"
  }`,
  ignore: !canMount(),
  fn: async () => {
    using place = new Place({ "a": "1", "b": "/", "b/c": "2", "m": "mounted", "z": "3" });
    const script = `
      import { Guest, show } from "${import.meta.resolve("./_place.ts")}";
      const guest = new Guest(Deno.args[0]).write("a", "new").remove("b").write("b", "new").write("m", "new").remove("z");
      console.log(await guest.writeBack().catch((error) => error.message));
      console.log(JSON.stringify(show(Deno.args[0])));`;
    const before = place.shown;
    Deno.writeTextFileSync(`${place.top}/script.ts`, script);
    // A file that is a mount of its own can be written to, and not replaced.
    const { stdout, stderr } = await new Deno.Command("unshare", {
      args: [
        ...[
          "-rm",
          "sh",
          "-c",
          'mount --bind "$1/m" "$1/m" && exec deno run -A --no-check --config deno.json "$0" "$1"',
        ],
        ...[`${place.top}/script.ts`, place.host],
      ],
    }).output();
    assertEquals(new TextDecoder().decode(stderr), "");
    assertEquals(new TextDecoder().decode(stdout).split("\n"), [
      'Cannot write back "m": it is in use',
      JSON.stringify(before),
      "",
    ]);
  },
});

Deno.test({
  name: `a disk that is full leaves everything as it was${canMount() ? "" : " (no mounts)"}`,
  ignore: !canMount(),
  fn: async () => {
    using place = new Place();
    const script = `
      import { Guest, make, show } from "${import.meta.resolve("./_place.ts")}";
      const [host] = Deno.args;
      make(host, { "a": "1", "b": "/", "b/c": "2" });
      const large = "x".repeat(3_000_000);
      const guest = new Guest(host).directory("new").write("new/a", "x").write("a", large).move("b/c", "c");
      console.log(await guest.writeBack().catch((error) => error.message));
      console.log(JSON.stringify(show(host)));
      await new Guest(host).remove("b").write("small", "x").writeBack();
      console.log(JSON.stringify(show(host)));`;
    Deno.writeTextFileSync(`${place.top}/script.ts`, script);
    const { stdout, stderr } = await new Deno.Command("unshare", {
      args: [
        "-rm",
        "sh",
        "-c",
        'mount -t tmpfs -o size=1m tmpfs "$1" && exec deno run -A --no-check --config deno.json "$0" "$1"',
        `${place.top}/script.ts`,
        place.host,
      ],
    }).output();
    assertEquals(new TextDecoder().decode(stderr), "");
    assertEquals(new TextDecoder().decode(stdout).split("\n"), [
      'Cannot write back "a": the disk is full',
      JSON.stringify({ "a": "1", "b": "/", "b/c": "2" }),
      JSON.stringify({ "a": "1", "small": "x" }),
      "",
    ]);
  },
});

Deno.test("the directory may be named through a link", async () => {
  using place = new Place();
  Deno.symlinkSync("host", `${place.top}/alias`);
  await new Guest(`${place.top}/alias`).write("a", "new").writeBack();
  assertEquals(place.shown, { "a": "new" });
});
