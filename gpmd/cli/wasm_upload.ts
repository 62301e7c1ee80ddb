import { GhostError } from "../../gmp/errors.ts";
import { checkName } from "../../gmp/names.ts";
import type { Settings } from "../../gmp/settings.ts";
import type { GpmdClient } from "../client.ts";
import type { UploadedModule } from "../replies.ts";
import type { Invocation } from "./command.ts";
import { connect } from "./connect.ts";
import { complain, print, printFields, printJson } from "./console.ts";
import { formatSize } from "./format_size.ts";
import { inferModuleName } from "./module_name.ts";
import { progressBar } from "./progress.ts";
import { UsageError } from "./usage_error.ts";

interface Upload {
  readonly path: string;
  readonly name: string;
  readonly version: string;
}

/** `gpmd wasm upload`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const uploads = uploadsOf(invocation);
  for (const { name, version } of uploads) {
    checkName(name, "module name");
    checkName(version, "version");
  }
  await using gpmd = await connect(settings, true);
  const uploaded: UploadedModule[] = [];
  for (const upload of uploads) {
    const module = await send(gpmd, upload);
    uploaded.push(module);
    if (!invocation.has("json")) printModule(module);
  }
  if (invocation.has("json")) printJson(uploaded);
  return 0;
}

/** What the command line asks for. @throws {UsageError} naming what is missing. */
function uploadsOf(invocation: Invocation): Upload[] {
  const asked = "gpmd wasm upload";
  const paths = [...invocation.values("file"), ...invocation.operands];
  const [name, version] = [invocation.value("name"), invocation.value("version")];
  if (paths.length === 0) throw new UsageError(`${asked} needs --file`, asked);
  if (paths.length > 1 && (name !== undefined || version !== undefined)) {
    throw new UsageError(
      "--name and --version go with one file; several are called NAME-VERSION.wasm",
      asked,
    );
  }
  return paths.map((path) => {
    const inferred = inferModuleName(path);
    const upload = { path, name: name ?? inferred?.name, version: version ?? inferred?.version };
    const missing = (["name", "version"] as const).filter((option) => upload[option] === undefined);
    if (missing.length === 0) return upload as Upload;
    const options = missing.map((option) => `--${option}`).join(" and ");
    throw new UsageError(`${asked} needs ${options}: "${path}" is not called NAME-VERSION.wasm`, asked);
  });
}

async function send(gpmd: GpmdClient, { path, name, version }: Upload): Promise<UploadedModule> {
  using module = await open(path);
  using bar = progressBar(path);
  return await gpmd.upload({ name, version, module, progress: bar.show });
}

/** @throws {GhostError} `BAD_ARGUMENTS` when there is no file that can be read. */
async function open(path: string): Promise<Deno.FsFile> {
  const refuse = (reason: string, cause?: unknown) =>
    new GhostError("BAD_ARGUMENTS", `Cannot upload "${path}": ${reason}`, { cause });
  try {
    const { isFile, isDirectory } = await Deno.stat(path); // before it is opened: a pipe would wait for a writer
    if (!isFile) throw refuse(isDirectory ? "it is a directory" : "it is not a file");
    return await Deno.open(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw refuse("there is no such file", error);
    if (error instanceof Deno.errors.PermissionDenied) throw refuse("you may not read it", error);
    if (error instanceof Deno.errors.NotADirectory) throw refuse("its path leads through a file", error);
    throw error;
  }
}

function printModule({ name, version, hash, size, unchanged }: UploadedModule): void {
  print("Module Uploaded Successfully!");
  printFields([["Name", name], ["Version", version], ["Hash", hash], ["Size", formatSize(size)]]);
  if (unchanged) complain("Nothing has changed: the same bytes were uploaded before.");
}
