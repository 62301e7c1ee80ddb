import { assertEquals, assertThrows } from "@std/assert";
import { Host } from "../../_host.ts";

function strings(host: Host, group: "args" | "environ"): string[] {
  const [count, size] = [host.allocate(4), host.allocate(4)];
  host.ok(`${group}_sizes_get`, count, size);
  const pointers = host.allocate(host.u32(count) * 4);
  const buffer = host.allocate(host.u32(size));
  host.ok(`${group}_get`, pointers, buffer);
  assertEquals(host.text(buffer, host.u32(size)).split("\0").length - 1, host.u32(count));
  return Array.from({ length: host.u32(count) }, (_, index) => {
    const start = host.u32(pointers + index * 4);
    const end = host.bytes(0, buffer + host.u32(size)).indexOf(0, start);
    return host.text(start, end - start);
  });
}

Deno.test("arguments and variables are written with a zero byte after each", () => {
  const host = new Host({ args: ["a", "", "ünï"], env: { A: "1", B: "x=y", C: "" } });
  assertEquals(strings(host, "args"), ["a", "", "ünï"]);
  assertEquals(strings(host, "environ"), ["A=1", "B=x=y", "C="]);
});

Deno.test("there may be none", () => {
  const host = new Host({ args: [] });
  assertEquals([strings(host, "args"), strings(host, "environ")], [[], []]);
});

Deno.test("what a program could not tell apart is refused", () => {
  assertThrows(() => new Host({ args: ["a\0b"] }), TypeError, "it has a zero byte");
  assertThrows(() => new Host({ env: { A: "\0" } }), TypeError, "it has a zero byte");
  assertThrows(
    () => new Host({ env: { "A=B": "" } }),
    TypeError,
    'Cannot set the variable "A=B": it is not a valid name',
  );
  assertThrows(
    () => new Host({ env: { "": "" } }),
    TypeError,
    'Cannot set the variable "": it is not a valid name',
  );
});
