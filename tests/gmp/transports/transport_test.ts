import { memoryPair } from "../../../gmp/transports/memory.ts";
import { tcpPair } from "../_wire.ts";
import { transportSuite } from "../transport_suite.ts";

transportSuite("memory", () => Promise.resolve(memoryPair()));
transportSuite("TCP", tcpPair);
