/**
 * The Ghost Port Mapper Daemon: starting it, and all that the command `gpmd` does with it.
 *
 * @example The modules of this device
 * ```ts
 * import { GpmdClient, startDaemon } from "@ghost/network/gpmd";
 *
 * await startDaemon(); // unless it runs already
 * await using gpmd = await GpmdClient.connect();
 * for (const { name, latest } of await gpmd.list()) console.log(name, latest);
 * ```
 *
 * @module
 */
export type { AbortOptions } from "../gmp/abort_options.ts";
export {
  type AnyGhostError,
  ERROR_SENTENCES,
  type ErrorCode,
  GhostError,
  type GhostErrorOptions,
  isGhostError,
} from "../gmp/errors.ts";
export type { GivenSettings } from "../gmp/device/settings.ts";
export type {
  AddressFinding,
  DeviceDescription,
  DeviceExamination,
  LinkSettings,
} from "../gmp/messages/device.ts";
export type { Grant, GrantLimits, SessionGrant } from "../gmp/messages/grants.ts";
export type { DaemonStatus, NodeSummary, PortCounts } from "../gmp/messages/gpmd.ts";
export type {
  ModuleInfo,
  ModuleItem,
  ModuleSummary,
  UploadedModule,
  VersionSummary,
} from "../gmp/messages/module.ts";
export { GpmdClient } from "./client/client.ts";
export type {
  ChangedGrants,
  GpmdClientOptions,
  Invitation,
  InviteOptions,
  JoinedDevice,
  JoinOptions,
  LinkState,
} from "./client/client_types.ts";
export type { UploadOptions } from "./client/send_module.ts";
export type { FoundDaemon } from "./start/find_daemon.ts";
export type { LaunchedDaemon } from "./start/launch.ts";
export { startAttachedDaemon, startDaemon, type StartedDaemon } from "./start/start.ts";
