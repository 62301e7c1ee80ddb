import { assert, assertEquals, assertFalse } from "@std/assert";
import {
  HOST_INTERFACES,
  HOST_INTERFACES_3,
  isHostInterface,
} from "../../../../gmp/wasm_format/host_interfaces.ts";
import { makeContext } from "../../../../gvm/wasi/components/context.ts";
import { ComponentWasi } from "../../../../gvm/wasi/mod.ts";
import { PREVIEW2 } from "../../../../gvm/wasi/preview2/packages.ts";
import { PREVIEW3 } from "../../../../gvm/wasi/preview3/packages.ts";

const silent = { isTerminal: false, write: () => {} };

Deno.test("upload knows the interfaces that nodes provide, and no others", () => {
  const provided = Object.keys(new ComponentWasi({ args: [], stdout: silent, stderr: silent }).interfaces);
  assertEquals(provided.filter((name) => !isHostInterface(name)), []);
  for (const name of ["wasi:io/streams@0.2.0", "wasi:cli/exit@0.2", "wasi:sockets/types@0.3.0"]) {
    assert(isHostInterface(name), name);
  }
  const others = [
    "wasi:io/streams",
    "wasi:io/streams@0.3.0",
    "wasi:cli/stdin@0.4.0",
    "wasi:http/client@0.2.0",
    "wasi:keyvalue/store@0.2.0",
    "toString",
  ];
  for (const name of others) assertFalse(isHostInterface(name), name);
  const of = (version: string) =>
    new Set(provided.filter((name) => name.includes(`@${version}.`)).map((name) => name.split("@")[0]!));
  assertEquals(of("0.2"), new Set(HOST_INTERFACES));
  assertEquals(of("0.3"), new Set(HOST_INTERFACES_3));
});

Deno.test("each package has the interfaces of its table, and no others", () => {
  const context = makeContext({ args: [], stdout: silent, stderr: silent });
  for (const { names, packages } of [PREVIEW2, PREVIEW3]) {
    assertEquals(Object.keys(packages).sort(), Object.keys(names).sort());
    for (const [name, make] of Object.entries(packages)) {
      const made = Object.keys(make(context)).sort();
      assertEquals(made, [...(names as Record<string, readonly string[]>)[name]!].sort(), name);
    }
  }
});
