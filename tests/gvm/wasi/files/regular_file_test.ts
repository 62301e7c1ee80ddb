import { assert, assertEquals, assertThrows } from "@std/assert";
import { ERRNO, Failure } from "../../../../gvm/wasi/host/errno.ts";
import { Quota } from "../../../../gvm/wasi/files/quota.ts";
import { RegularFile } from "../../../../gvm/wasi/files/regular_file.ts";

function failsWith(errno: number, operation: () => unknown): void {
  const failure = assertThrows(operation);
  assert(failure instanceof Failure, String(failure));
  assertEquals(failure.errno, errno);
}

const bytes = (...values: number[]) => Uint8Array.from(values);

Deno.test("a gap before what is written is zero, also where there were bytes once", () => {
  const file = new RegularFile(1n, new Quota());
  file.write(0, new Uint8Array(50).fill(7));
  file.resize(1);
  file.write(4, bytes(9));
  assertEquals(file.contents, bytes(7, 0, 0, 0, 9));
  file.resize(3);
  file.resize(6);
  assertEquals(file.contents, bytes(7, 0, 0, 0, 0, 0));
  file.write(0, new Uint8Array(100).fill(7));
  file.resize(99);
  file.resize(100);
  assertEquals(file.contents.subarray(98), bytes(7, 0));
});

Deno.test("reading stops at the end, and past it there is nothing", () => {
  const file = new RegularFile(1n, new Quota());
  file.write(0, bytes(1, 2, 3));
  const target = new Uint8Array(4);
  assertEquals(file.read(1, target), 2);
  assertEquals(target, bytes(2, 3, 0, 0));
  assertEquals(file.read(3, target), 0);
  assertEquals(file.read(2 ** 52, target), 0);
});

Deno.test("what a file holds is at most twice its size, however it was grown and cut", () => {
  const file = new RegularFile(1n, new Quota());
  const held = () => file.contents.buffer.byteLength;
  for (let size = 0; size < 100_000; size += 1000) file.write(size, new Uint8Array(1000));
  assert(held() <= 2 * file.size, `${held()} for ${file.size}`);
  file.resize(1000);
  assert(held() <= 2 * file.size, `${held()} for ${file.size}`);
  file.resize(0);
  assertEquals(held(), 0);
});

Deno.test("appending a byte at a time copies the contents a few times, not each time", () => {
  const file = new RegularFile(1n, new Quota());
  const buffers = new Set<ArrayBufferLike>();
  for (let size = 0; size < 10_000; size++) {
    file.write(size, bytes(1));
    buffers.add(file.contents.buffer);
  }
  assert(buffers.size < 12, `${buffers.size} buffers`);
});

Deno.test("a quota that is used up fails the write and changes nothing", () => {
  const quota = new Quota({ bytes: 10 });
  const file = new RegularFile(1n, quota);
  const other = new RegularFile(2n, quota);
  file.write(0, new Uint8Array(6));
  other.write(0, new Uint8Array(3));
  failsWith(ERRNO.NOSPC, () => file.write(5, bytes(1, 2, 3)));
  failsWith(ERRNO.NOSPC, () => file.resize(2 ** 40));
  assertEquals([file.size, quota.bytes], [6, 1]);
  file.write(5, bytes(1, 2));
  assertEquals([file.size, quota.bytes], [7, 0]);
  file.dispose();
  other.dispose();
  assertEquals(quota.bytes, 10);
});

Deno.test("a machine with less memory than the quota allows is a full disk", () => {
  const quota = new Quota({ bytes: Number.MAX_SAFE_INTEGER });
  const file = new RegularFile(1n, quota);
  failsWith(ERRNO.NOSPC, () => file.resize(2 ** 52));
  assertEquals([file.size, quota.bytes], [0, Number.MAX_SAFE_INTEGER]);
});
