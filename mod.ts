/**
 * Ghost Network: nodes that run WebAssembly modules and functions on each other.
 *
 * @example A node that calls a function of another one
 * ```ts
 * import { GhostNode } from "@ghost/network";
 *
 * await using node = await GhostNode.start();
 * await node.connect("node-8399");
 * console.log(await node.call("math.add", [34, 34], { on: "node-8399" })); // 68
 * ```
 *
 * @module
 */
export * from "./gvm/mod.ts";
export * from "./gpmd/mod.ts";
