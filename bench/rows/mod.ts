import type { Row } from "../contest.ts";
import { call, callByName, concurrent, output, remoteRun } from "./calls.ts";

/** All rows, in the order in which they are measured and shown. */
export const ROWS: readonly Row[] = [call, callByName, concurrent, output, remoteRun];
