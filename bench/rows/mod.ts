import type { Row } from "../contest.ts";
import * as calls from "./calls.ts";
import * as components from "./components.ts";
import * as devices from "./devices.ts";
import * as engine from "./engine.ts";
import * as link from "./link.ts";
import * as memory from "./memory.ts";
import * as nodes from "./nodes.ts";
import * as registry from "./registry.ts";
import * as start from "./start.ts";
import * as streams from "./streams.ts";
import * as transfer from "./transfer.ts";

/** All rows, in the order in which they are measured and shown. */
export const ROWS: readonly Row[] = [
  calls.call,
  calls.callByName,
  calls.callText,
  calls.callBytes,
  calls.concurrent,
  calls.output,
  calls.remoteRun,
  nodes.nodes,
  nodes.nodesCompute,
  devices.deviceCall,
  devices.deviceConcurrent,
  devices.deviceEcho,
  engine.inline,
  engine.localCall,
  engine.freshRun,
  engine.coldCall,
  components.componentText,
  components.componentRecord,
  components.componentNumbers,
  components.componentBytes,
  components.componentLoad,
  components.componentLoadLarge,
  transfer.upload,
  transfer.fetch,
  transfer.resolve,
  transfer.transferMemory,
  start.startGpmd,
  start.startGvm,
  start.startPrompt,
  start.runOnce,
  streams.execLines,
  streams.execStdin,
  registry.register,
  registry.registerRequest,
  registry.registerGrowth,
  registry.locate,
  registry.discover,
  registry.nodeMemory,
  memory.memoryGpmd,
  memory.memoryGvm,
  memory.memoryExecutor,
  link.devicePipe,
  link.deviceModule,
  link.startLink,
  link.memoryLink,
  link.idleLink,
];
