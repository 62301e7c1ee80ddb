import { basename } from "@std/path/basename";
import { checkName, checkVersion } from "../../gmp/names.ts";
import { openRegularFile } from "../../gmp/device/regular_file.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import type { GpmdClient } from "../client/client.ts";
import { MAX_MODULE_SIZE } from "../../gmp/messages/module.ts";
import type { UploadedModule } from "../../gmp/messages/module.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { connect } from "./connect.ts";
import { say, warn } from "../../gmp/command/console.ts";
import { printFields } from "../../gmp/command/table.ts";
import { formatSize } from "./format_size.ts";
import { inferModuleName } from "./infer_module_name.ts";
import { warningsOf } from "./upload_warnings.ts";
import { progressBar } from "./progress.ts";
import { UsageError } from "../../gmp/command/usage_error.ts";
import type { Watch } from "./wasm_watch.ts";
import { printResult } from "./json.ts";
import { DEVICE, JSON_OUTPUT, MODULE_FILE, MODULE_NAME, MODULE_VERSION, WATCH } from "./options.ts";

interface Upload {
  readonly path: string;
  readonly name: string;
  readonly version: string;
}

/** A module that was uploaded, and what will not work with it. */
interface UploadResult extends UploadedModule {
  readonly warnings: readonly string[];
}

/** `gpmd wasm upload`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  if (invocation.has(WATCH)) {
    const watch = watchOf(invocation);
    return await (await import("./wasm_watch.ts")).runWatch(watch, settings);
  }
  const uploads = uploadsOf(invocation);
  for (const { name, version } of uploads) {
    checkName(name, "module name");
    checkVersion(version);
  }
  await using gpmd = await connect(settings, { reads: true, device: invocation.get(DEVICE) });
  const uploaded: UploadResult[] = [];
  for (const upload of uploads) {
    const module = await send(gpmd, upload);
    const result = { ...module, warnings: await warningsOf(gpmd, module) };
    uploaded.push(result);
    if (!invocation.has(JSON_OUTPUT)) printModule(result);
  }
  if (invocation.has(JSON_OUTPUT)) printResult(uploaded);
  return 0;
}

const ASKED = "gpmd wasm upload";

function pathsOf(invocation: Invocation): string[] {
  const paths = [...invocation.all(MODULE_FILE), ...invocation.operands];
  if (paths.length === 0) throw new UsageError(`${ASKED} needs --file`, ASKED);
  return paths;
}

/** What the command line asks for. @throws {UsageError} naming what is missing. */
function uploadsOf(invocation: Invocation): Upload[] {
  const paths = pathsOf(invocation);
  const [name, version] = [invocation.get(MODULE_NAME), invocation.get(MODULE_VERSION)];
  if (paths.length > 1 && (name !== undefined || version !== undefined)) {
    throw new UsageError(
      "--name and --version go with one file; several are called NAME-VERSION.wasm",
      ASKED,
    );
  }
  return paths.map((path) => {
    const inferred = inferModuleName(path);
    const upload = { path, name: name ?? inferred?.name, version: version ?? inferred?.version };
    const missing = (["name", "version"] as const).filter((option) => upload[option] === undefined);
    if (missing.length === 0) return upload as Upload;
    const options = missing.map((option) => `--${option}`).join(" and ");
    throw new UsageError(`${ASKED} needs ${options}: "${path}" is not called NAME-VERSION.wasm`, ASKED);
  });
}

/** What a command line with `--watch` asks for. @throws {UsageError} for more than one file. */
function watchOf(invocation: Invocation): Watch {
  const [path, another] = pathsOf(invocation);
  if (another !== undefined) throw new UsageError("--watch goes with one file", ASKED);
  const inferred = inferModuleName(path!);
  const name = invocation.get(MODULE_NAME) ?? inferred?.name ?? basename(path!, ".wasm");
  const version = invocation.get(MODULE_VERSION) ?? inferred?.version;
  checkName(name, "module name");
  return {
    path: path!,
    name,
    version: version && checkVersion(version),
    json: invocation.has(JSON_OUTPUT),
    device: invocation.get(DEVICE),
  };
}

async function send(gpmd: GpmdClient, { path, name, version }: Upload): Promise<UploadedModule> {
  using module = await openRegularFile(path, { action: "upload", limit: MAX_MODULE_SIZE });
  using bar = progressBar(path);
  return await gpmd.upload({ name, version, module: module.file, progress: bar.show });
}

function printModule({ name, version, hash, size, unchanged, warnings }: UploadResult): void {
  say(
    unchanged
      ? `${name}@${version} has these very bytes already: nothing has changed.`
      : "Module Uploaded Successfully!",
  );
  printFields([["Name", name], ["Version", version], ["Hash", hash], ["Size", formatSize(size)]]);
  for (const warning of warnings) warn(warning);
}
