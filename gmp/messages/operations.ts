import type { BodyFields } from "../frames/body.ts";

/** The operations of GMP by name and number (docs/protocol.md): the number is what a REQUEST carries. */
export const OPERATIONS = {
  // 5989: a node to its GPMD
  "node.register": 1,
  "node.discover": 2,
  "node.locate": 3,
  "module.get": 4,
  "module.list": 5,
  // 1111: commands
  "gpmd.status": 16,
  "gpmd.kill": 17,
  "gpmd.nodes": 18,
  "module.put": 19,
  "module.info": 20,
  "module.remove": 21,
  // a node's front door
  "peer.connect": 32,
  "call.cancel": 33,
  "executor.open": 34,
  // an executor, for the peer of a session
  "function.resolve": 48,
  "module.run": 49,
  "module.reset": 50,
  "files.load": 51,
  "files.changes": 52,
  // an executor and its node, over the control connection
  "session.open": 64,
  "session.close": 65,
  "session.cancel": 66,
  "executor.resolve": 67,
  "executor.fetch": 68,
} as const;

/** Name of an operation. */
export type OperationName = keyof typeof OPERATIONS;

const NAMES = new Map<number, OperationName>(
  Object.entries(OPERATIONS).map(([name, number]) => [number, name as OperationName]),
);

/**
 * The name of operation `number`, or `undefined`.
 *
 * @example
 * ```ts
 * import { operationName, OPERATIONS } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(operationName(OPERATIONS["node.locate"]), "node.locate");
 * assertEquals(operationName(999), undefined);
 * ```
 */
export function operationName(number: number): OperationName | undefined {
  return NAMES.get(number);
}

/** The fields of each operation's request (docs/protocol.md): whatever else a request has is skipped, not kept. */
export const REQUEST_FIELDS: Readonly<Record<OperationName, BodyFields>> = {
  "node.register": { plain: ["name", "id", "port"] },
  "node.discover": {},
  "node.locate": { plain: ["name"] },
  "module.get": { plain: ["name", "version", "encoding", "ifNoneMatch"] },
  "module.list": {},
  "gpmd.status": {},
  "gpmd.kill": {},
  "gpmd.nodes": {},
  "module.put": { plain: ["name", "version", "size", "hash", "temporary"] },
  "module.info": { plain: ["name", "version"] },
  "module.remove": { plain: ["name", "version"] },
  "peer.connect": { plain: ["name", "id"], nested: ["place"] },
  "call.cancel": { plain: ["executor", "id"] },
  "executor.open": { plain: ["executor"] },
  "function.resolve": { plain: ["module", "version", "function"] },
  "module.run": { plain: ["module", "version"], nested: ["argv", "env", "directories", "terminals"] },
  "module.reset": { plain: ["module", "version"] },
  "files.load": { plain: ["name"] },
  "files.changes": { plain: ["name"] },
  "session.open": { plain: ["session", "ticket"], nested: ["caller"] },
  "session.close": { plain: ["session"] },
  "session.cancel": { plain: ["session", "id"] },
  "executor.resolve": { plain: ["name", "version"] },
  "executor.fetch": { plain: ["hash"] },
};

/** The operations whose request may be followed by DATA. */
export const REQUESTS_WITH_DATA: ReadonlySet<OperationName> = new Set<OperationName>([
  "module.put",
  "module.run",
  "files.load",
]);
