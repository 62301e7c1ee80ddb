/**
 * The operations of GMP, with their numbers in a REQUEST (docs/protocol.md). The files beside this one describe them.
 */
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

/** The name of operation `number`, or `undefined`. */
export function operationName(number: number): OperationName | undefined {
  return NAMES.get(number);
}
