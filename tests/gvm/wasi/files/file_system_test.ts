import { assert, assertEquals, assertThrows } from "@std/assert";
import { ERRNO, Failure } from "../../../../gvm/wasi/host/errno.ts";
import { FileSystem } from "../../../../gvm/wasi/files/file_system.ts";
import { Quota } from "../../../../gvm/wasi/files/quota.ts";
import { resolve, type ResolvedPath } from "../../../../gvm/wasi/files/resolver.ts";

/** A file system whose operations take paths, links at the end not followed. */
class Tree {
  readonly quota = new Quota({ bytes: 100, inodes: 10 });
  readonly files = new FileSystem(this.quota);

  at(path: string): ResolvedPath {
    return resolve(this.files.root, path, false);
  }

  directory(path: string) {
    return this.files.createDirectory(this.at(path));
  }

  file(path: string) {
    return this.files.createFile(this.at(path));
  }

  rename(from: string, to: string): void {
    this.files.rename(this.at(from), this.at(to));
  }

  names(path = "."): string[] {
    const { inode } = this.at(path);
    return inode?.type === "directory" ? [...inode.entries()].map(({ name }) => name) : [];
  }
}

function failsWith(errno: number, operation: () => unknown): void {
  const failure = assertThrows(operation);
  assert(failure instanceof Failure, String(failure));
  assertEquals(failure.errno, errno);
}

Deno.test("nothing is made where something is", () => {
  const tree = new Tree();
  tree.file("file");
  tree.directory("dir");
  for (const path of ["file", "dir", "dir/", ".", "dir/.."]) {
    failsWith(ERRNO.EXIST, () => tree.directory(path));
    failsWith(ERRNO.EXIST, () => tree.files.createLink(tree.at(path), "x"));
    failsWith(ERRNO.EXIST, () => tree.files.link(tree.at("file"), tree.at(path)));
  }
  assertEquals(tree.quota.inodes, 8);
});

Deno.test("only a directory is made by a name with a slash after it", () => {
  const tree = new Tree();
  const file = tree.file("file");
  failsWith(ERRNO.ISDIR, () => tree.file("new/"));
  failsWith(ERRNO.NOENT, () => tree.files.createLink(tree.at("new/"), "x"));
  failsWith(ERRNO.NOENT, () => tree.files.link(tree.at("file"), tree.at("new/")));
  failsWith(ERRNO.NOTDIR, () => tree.rename("file", "new/"));
  tree.directory("new/");
  assertEquals(tree.names(), ["file", "new"]);
  assertEquals(file.links, 1);
});

Deno.test("a hard link is the same file, which lives until the last one is gone", () => {
  const tree = new Tree();
  const file = tree.file("one");
  file.write(0, new Uint8Array(10));
  tree.files.link(tree.at("one"), tree.at("two"));
  assertEquals([tree.at("two").inode, file.links], [file, 2]);
  tree.files.unlink(tree.at("one"));
  assertEquals([file.links, file.size, tree.quota.bytes], [1, 10, 90]);
  tree.files.unlink(tree.at("two"));
  assertEquals([file.links, tree.quota.bytes, tree.quota.inodes], [0, 100, 10]);
});

Deno.test("a file that is open lives until it is closed", () => {
  const tree = new Tree();
  const file = tree.file("file");
  file.write(0, new Uint8Array(10));
  file.opens++;
  tree.files.unlink(tree.at("file"));
  assertEquals([file.size, tree.quota.bytes], [10, 90]);
  file.opens--;
  tree.files.release(file);
  assertEquals([file.size, tree.quota.bytes], [0, 100]);
});

Deno.test("a directory that was removed while it was open takes nothing more", () => {
  const tree = new Tree();
  const open = tree.directory("dir");
  tree.file("file");
  tree.files.removeDirectory(tree.at("dir"));
  const inside = resolve(open, "new", false);
  failsWith(ERRNO.NOENT, () => tree.files.createFile(inside));
  failsWith(ERRNO.NOENT, () => tree.files.createDirectory(inside));
  failsWith(ERRNO.NOENT, () => tree.files.link(tree.at("file"), inside));
  failsWith(ERRNO.NOENT, () => tree.files.rename(tree.at("file"), inside));
  assertEquals(tree.names(), ["file"]);
});

Deno.test("rename replaces a file by a file and an empty directory by a directory", () => {
  const tree = new Tree();
  const file = tree.file("a");
  tree.file("b").write(0, new Uint8Array(5));
  tree.rename("a", "b");
  assertEquals([tree.names(), tree.at("b").inode, tree.quota.bytes], [["b"], file, 100]);
  const directory = tree.directory("d");
  tree.directory("e");
  tree.rename("d/", "e/");
  assertEquals([tree.names(), tree.at("e").inode, tree.quota.inodes], [["b", "e"], directory, 8]);
});

Deno.test("rename refuses what would lose something or tie a knot", () => {
  const tree = new Tree();
  tree.directory("d");
  tree.directory("d/e");
  tree.file("d/f");
  tree.file("g");
  failsWith(ERRNO.INVAL, () => tree.rename("d", "d/e/inside"));
  failsWith(ERRNO.INVAL, () => tree.rename("d", "d/inside"));
  failsWith(ERRNO.NOTEMPTY, () => tree.rename("d/e", "d"));
  failsWith(ERRNO.ISDIR, () => tree.rename("g", "d/e"));
  failsWith(ERRNO.NOTDIR, () => tree.rename("d", "g"));
  failsWith(ERRNO.NOENT, () => tree.rename("missing", "x"));
  for (const path of [".", "d/..", "d/e/."]) {
    failsWith(ERRNO.INVAL, () => tree.rename(path, "x"));
    failsWith(ERRNO.INVAL, () => tree.rename("g", path));
  }
  assertEquals([tree.names(), tree.names("d")], [["d", "g"], ["e", "f"]]);
});

Deno.test("renaming one hard link to another of the same file does nothing", () => {
  const tree = new Tree();
  tree.file("a");
  tree.files.link(tree.at("a"), tree.at("b"));
  tree.rename("a", "b");
  assertEquals(tree.names(), ["a", "b"]);
});

Deno.test("a directory that was moved has another parent", () => {
  const tree = new Tree();
  tree.directory("a");
  tree.directory("a/b");
  tree.directory("c");
  tree.rename("a/b", "c/b");
  tree.file("c/b/../beside");
  assertEquals([tree.names("a"), tree.names("c")], [[], ["b", "beside"]]);
  assertEquals(tree.names("c/b/.."), ["b", "beside"]);
  const moved = tree.at("c/b").inode;
  assert(moved?.type === "directory");
  assertEquals(moved.parent, tree.at("c").inode);
});

Deno.test("each kind is removed by its own function", () => {
  const tree = new Tree();
  tree.directory("d");
  tree.file("d/f");
  tree.files.createLink(tree.at("l"), "d");
  failsWith(ERRNO.ISDIR, () => tree.files.unlink(tree.at("d")));
  failsWith(ERRNO.NOTDIR, () => tree.files.removeDirectory(tree.at("d/f")));
  failsWith(ERRNO.NOTDIR, () => tree.files.removeDirectory(tree.at("l")));
  failsWith(ERRNO.NOTEMPTY, () => tree.files.removeDirectory(tree.at("d")));
  failsWith(ERRNO.INVAL, () => tree.files.removeDirectory(tree.at("d/.")));
  failsWith(ERRNO.PERM, () => tree.files.link(tree.at("d"), tree.at("x")));
  assertEquals(tree.names(), ["d", "l"]);
});

Deno.test("entries are counted, hard links and symbolic ones too", () => {
  const tree = new Tree();
  tree.file("f0");
  for (let count = 1; count < 10; count++) tree.files.link(tree.at("f0"), tree.at(`f${count}`));
  failsWith(ERRNO.NOSPC, () => tree.file("x"));
  failsWith(ERRNO.NOSPC, () => tree.directory("x"));
  failsWith(ERRNO.NOSPC, () => tree.files.link(tree.at("f0"), tree.at("x")));
  failsWith(ERRNO.NOSPC, () => tree.files.createLink(tree.at("x"), "target"));
  assertEquals([tree.quota.bytes, tree.names().length], [100, 10]);
});

Deno.test("what symbolic links say is counted", () => {
  const tree = new Tree();
  failsWith(ERRNO.NOSPC, () => tree.files.createLink(tree.at("x"), "x".repeat(101)));
  tree.files.createLink(tree.at("x"), "x".repeat(100));
  assertEquals([tree.quota.bytes, tree.quota.inodes], [0, 9]);
  tree.files.unlink(tree.at("x"));
  assertEquals([tree.quota.bytes, tree.quota.inodes], [100, 10]);
});

Deno.test("a change of entries is a change of the directory", () => {
  const tree = new Tree();
  const directory = tree.directory("d");
  const changes: (() => void)[] = [
    () => tree.file("d/f"),
    () => tree.files.link(tree.at("d/f"), tree.at("d/g")),
    () => tree.rename("d/f", "d/h"),
    () => tree.files.unlink(tree.at("d/h")),
  ];
  for (const change of changes) {
    directory.modifiedAt = 0n;
    change();
    assert(directory.modifiedAt > 0n, String(change));
  }
});
