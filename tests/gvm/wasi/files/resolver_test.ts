import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { ERRNO, Failure } from "../../../../gvm/wasi/host/errno.ts";
import type { Directory } from "../../../../gvm/wasi/files/directory.ts";
import { FileSystem } from "../../../../gvm/wasi/files/file_system.ts";
import type { Inode } from "../../../../gvm/wasi/files/inode.ts";
import { MAX_LINKS, resolve } from "../../../../gvm/wasi/files/resolver.ts";

const JAIL = {
  directories: ["deep", "deep/deep"],
  files: ["file", "deep/file"],
  links: {
    up: "..",
    upup: "deep/../..",
    back: "deep/deep/..",
    abs: "/",
    loop: "loop",
    soft: "deep/file",
    "deep/up": "..",
    "deep/side": "../deep/deep/",
    "deep/deep/out": "../../../secret",
  },
};

/** A file system with a directory `jail` of directories, files and links beside which there is a `secret`. */
function makeJail(): { fileSystem: FileSystem; jail: Directory } {
  const fileSystem = new FileSystem();
  const at = (path: string) => resolve(fileSystem.root, path, false);
  fileSystem.createFile(at("secret"));
  const jail = fileSystem.createDirectory(at("jail"));
  for (const path of JAIL.directories) fileSystem.createDirectory(at(`jail/${path}`));
  for (const path of JAIL.files) fileSystem.createFile(at(`jail/${path}`));
  for (const [path, target] of Object.entries(JAIL.links)) fileSystem.createLink(at(`jail/${path}`), target);
  return { fileSystem, jail };
}

/** Every path of one to four of the names that matter, as it is, absolute, and with a slash at the end. */
function* everyPath(): Generator<string> {
  const names = [
    ".",
    "..",
    "",
    "deep",
    "file",
    "side",
    "missing",
    "secret",
    ...Object.keys(JAIL.links).slice(0, 6),
  ];
  let paths = [""];
  for (let length = 1; length <= 4; length++) {
    paths = paths.flatMap((path) => names.map((name) => path === "" ? name : `${path}/${name}`));
    for (const path of paths) yield path;
    for (const path of paths) yield `/${path}`;
    if (length < 4) { for (const path of paths) yield `${path}/`; }
  }
}

function isWithin(inode: Directory, ancestor: Directory): boolean {
  for (let at: Directory | undefined = inode; at !== undefined; at = at.parent) {
    if (at === ancestor) return true;
    if (at.parent === at) return false;
  }
  return false;
}

function errnoOf(operation: () => unknown): number {
  try {
    operation();
    return ERRNO.SUCCESS;
  } catch (error) {
    assert(error instanceof Failure, String(error));
    return error.errno;
  }
}

Deno.test("no path leads out of the directory it starts from, whatever it is made of", () => {
  const { jail } = makeJail();
  const outcomes = new Map<number, number>();
  for (const path of everyPath()) {
    for (const follow of [false, true]) {
      const errno = errnoOf(() => {
        const place = resolve(jail, path, follow);
        assert(isWithin(place.parent, jail), path);
        assert(place.inode?.type !== "directory" || isWithin(place.inode, jail), path);
        assert(place.inode === (place.name === "." ? place.parent : place.parent.get(place.name)), path);
      });
      outcomes.set(errno, (outcomes.get(errno) ?? 0) + 1);
    }
  }
  const counted = [ERRNO.SUCCESS, ERRNO.NOTCAPABLE, ERRNO.NOENT, ERRNO.NOTDIR, ERRNO.LOOP];
  assertEquals(new Set(outcomes.keys()), new Set<number>(counted));
  for (const errno of counted) assert(outcomes.get(errno)! > 500, `errno ${errno}: ${outcomes.get(errno)}`);
});

Deno.test("what stays inside leads where the operating system has it", async () => {
  const { jail } = makeJail();
  const outside = await Deno.makeTempDir();
  try {
    const real = join(Deno.realPathSync(outside), "jail");
    Deno.mkdirSync(real);
    Deno.writeTextFileSync(join(outside, "secret"), "");
    for (const path of JAIL.directories) Deno.mkdirSync(join(real, path));
    for (const path of JAIL.files) Deno.writeTextFileSync(join(real, path), "");
    for (const [path, target] of Object.entries(JAIL.links)) Deno.symlinkSync(target, join(real, path));
    const inodes = new Map<Inode, string>([[jail, real]]);
    for (const path of [...JAIL.directories, ...JAIL.files]) {
      inodes.set(resolve(jail, path, false).inode!, join(real, path));
    }
    let compared = 0;
    for (const path of everyPath()) {
      if (path === "" || path.startsWith("/") || path.split("/").length > 3) continue;
      let ours: string | undefined;
      const errno = errnoOf(() => {
        const { inode } = resolve(jail, path, true);
        ours = inode && inodes.get(inode);
      });
      if (errno === ERRNO.NOTCAPABLE) continue;
      assertEquals(ours, realPath(`${real}/${path}`), path);
      compared++;
    }
    assert(compared > 500, `${compared}`);
  } finally {
    await Deno.remove(outside, { recursive: true });
  }
});

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}

Deno.test("a link at the end is followed when asked, or when a slash comes after it", () => {
  const { jail } = makeJail();
  assertEquals(resolve(jail, "soft", false).inode?.type, "link");
  assertEquals(resolve(jail, "soft", true).inode?.type, "file");
  assertEquals(resolve(jail, "back", false).inode?.type, "link");
  assertEquals(resolve(jail, "back/", false).inode?.type, "directory");
  assertEquals(resolve(jail, "back/file", false).inode, resolve(jail, "deep/file", false).inode);
});

Deno.test("a link that says a slash at its end leads to a directory only", () => {
  const { fileSystem, jail } = makeJail();
  fileSystem.createLink(resolve(jail, "to-dir", false), "deep/");
  fileSystem.createLink(resolve(jail, "to-file", false), "file/");
  assertEquals(resolve(jail, "to-dir", true).inode?.type, "directory");
  assertEquals(errnoOf(() => resolve(jail, "to-file", true)), ERRNO.NOTDIR);
});

Deno.test("what a link at the end says may be missing, and is then where something can be made", () => {
  const { fileSystem, jail } = makeJail();
  fileSystem.createLink(resolve(jail, "dangling", false), "deep/new");
  const place = resolve(jail, "dangling", true);
  assertEquals([place.parent, place.name, place.inode], [
    resolve(jail, "deep", false).inode,
    "new",
    undefined,
  ]);
});

Deno.test("a directory that was moved out of the way still bounds the paths that start from it", () => {
  const { fileSystem, jail } = makeJail();
  const at = (path: string) => resolve(fileSystem.root, path, false);
  fileSystem.createDirectory(at("elsewhere"));
  fileSystem.rename(at("jail"), at("elsewhere/jail"));
  assertEquals(errnoOf(() => resolve(jail, "..", true)), ERRNO.NOTCAPABLE);
  assertEquals(errnoOf(() => resolve(jail, "deep/deep/out", true)), ERRNO.NOTCAPABLE);
});

Deno.test("forty links are followed, no more", () => {
  const fileSystem = new FileSystem();
  const at = (path: string) => resolve(fileSystem.root, path, false);
  fileSystem.createFile(at("0"));
  for (let count = 1; count <= MAX_LINKS + 1; count++) fileSystem.createLink(at(`${count}`), `${count - 1}`);
  assertEquals(resolve(fileSystem.root, `${MAX_LINKS}`, true).inode, at("0").inode);
  assertEquals(errnoOf(() => resolve(fileSystem.root, `${MAX_LINKS + 1}`, true)), ERRNO.LOOP);
});

Deno.test("links that say long paths of links do not take long", () => {
  const fileSystem = new FileSystem();
  const at = (path: string) => resolve(fileSystem.root, path, false);
  fileSystem.createLink(at("a"), "./".repeat(2000) + ".");
  fileSystem.createLink(at("b"), "a/".repeat(2000));
  assertEquals(errnoOf(() => resolve(fileSystem.root, "b/".repeat(2000), true)), ERRNO.LOOP);
});

Deno.test("names and paths are bounded in bytes", () => {
  const { root } = new FileSystem();
  assertEquals(resolve(root, "é".repeat(127), false).inode, undefined);
  const tooLong = ["é".repeat(128), "x".repeat(256), "./".repeat(2048) + "x", "é/".repeat(1366)];
  for (const path of tooLong) {
    assertEquals(errnoOf(() => resolve(root, path, false)), ERRNO.NAMETOOLONG, path);
  }
});

Deno.test("a path is neither empty nor has a zero byte", () => {
  const { root } = new FileSystem();
  assertEquals(errnoOf(() => resolve(root, "", false)), ERRNO.NOENT);
  assertEquals(errnoOf(() => resolve(root, "a\0b", false)), ERRNO.INVAL);
  assertThrows(() => resolve(root, "/", false));
});
