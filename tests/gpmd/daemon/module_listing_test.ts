import { assert, assertEquals } from "@std/assert";
import { checkBody, encodeBody } from "../../../gmp/frames/body.ts";
import { LARGE_REPLY_CAP } from "../../../gmp/frames/frame.ts";
import { MESSAGES } from "../../../gmp/messages/messages.ts";
import { readModule } from "../../../gmp/wasm_format/module_reader.ts";
import { listingOf } from "../../../gpmd/daemon/module_listing.ts";
import { leb, moduleBytes, nameBytes } from "../../gmp/fixtures/module_bytes.ts";

const COUNT = 1000;
/** Memories of a module at most. */
const MEMORIES = 100;
const INDICES = Array.from({ length: COUNT }, (_, i) => i);
const MODULE = { name: "large", version: "v1.0.0", hash: "0".repeat(64), size: 1, uploadedAt: "" };

/** A module that imports and exports as many functions as are listed, each of so many `types`, and has memories. */
function largeModule(types: number): Uint8Array<ArrayBuffer> {
  return moduleBytes(
    [1, 1, 0x60, ...leb(types), ...Array<number>(types).fill(0x7f), 0],
    [2, ...leb(COUNT), ...INDICES.flatMap((i) => [...nameBytes("m"), ...nameBytes(`f${i}`), 0, 0])],
    [5, ...leb(MEMORIES), ...INDICES.slice(0, MEMORIES).flatMap(() => [0, 1])],
    [7, ...leb(COUNT), ...INDICES.flatMap((i) => [...nameBytes(`f${i}`), 0, ...leb(i)])],
  );
}

Deno.test("the listing of 2,000 functions of many types is a reply that can be read", () => {
  for (const types of [90, 100]) {
    const listing = listingOf(readModule(largeModule(types)));
    const { exports, imports, memories } = listing;
    assertEquals([exports.length, imports.length, memories.length], [COUNT, COUNT, MEMORIES]);
    assertEquals(exports[999]!.parameters?.length, types > 90 ? undefined : types);
    const bytes = encodeBody(MESSAGES["module.info"].reply.encode({ ...MODULE, ...listing }));
    assert(bytes.length <= LARGE_REPLY_CAP);
    checkBody(bytes); // throws where it cannot be read
  }
});
