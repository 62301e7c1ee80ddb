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
  "place.offer": 6,
  "place.open": 7,
  // 1111: commands
  "gpmd.status": 16,
  "gpmd.kill": 17,
  "gpmd.nodes": 18,
  "module.put": 19,
  "module.info": 20,
  "module.remove": 21,
  "grants.list": 22,
  "grants.add": 23,
  "grants.remove": 24,
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
  "module.find": 53,
  "resource.drop": 54,
  "imports.provide": 55,
  // an executor's node, which provides the function
  "import.call": 56,
  // an executor and its node, over the control connection
  "session.open": 64,
  "session.close": 65,
  "session.cancel": 66,
  "executor.resolve": 67,
  "executor.fetch": 68,
  "session.grants": 69,
  // GPMD and its link, over the link's connection to 5989; the first five and device.command are for commands, too
  "device.invite": 80,
  "device.join": 81,
  "device.list": 82,
  "device.rename": 83,
  "device.remove": 84,
  "device.discover": 85,
  "device.locate": 86,
  "device.offer": 87,
  "device.open": 88,
  "device.command": 89,
  "device.enter": 91,
  "device.paired": 93,
  "device.serve": 94,
  "device.settings": 95,
  "device.reach": 100,
  "device.reached": 101,
  "device.relay": 104,
  "device.examine": 105,
  // GPMD to its nodes
  "grants.apply": 92,
  // the links of two devices
  "device.hello": 96,
  "link.locate": 97,
  "link.command": 98,
  "lane.offer": 99,
  "pair.begin": 112,
  "pair.prove": 113,
  "pair.finish": 114,
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
