import type { PackageNames } from "../../../gmp/wasm_format/host_interfaces.ts";
import type { HostFunction, HostInterface } from "../../component/host.ts";
import { Failure } from "../host/errno.ts";
import type { Waits } from "../host/waits.ts";
import type { Context } from "./context.ts";
import { ERRNO_NAMES } from "./filesystem/error_code.ts";

/** Makes the interfaces of a package, by their names in it. */
type MakePackage = (context: Context) => Record<string, HostInterface>;

/** A version of WASI. */
export interface WasiVersion<Names extends PackageNames> {
  /** Which one, such as `0.2.12`. */
  readonly version: string;
  /** The names of its interfaces, by their packages. */
  readonly names: Names;
  /** How these are made. */
  readonly packages: Readonly<Record<keyof Names, MakePackage>>;
}

/**
 * Adds the interfaces of a version to `interfaces` by their full names, such as `wasi:io/streams@0.2.12`. Each is made when it is
 * asked for: most components import few of them.
 */
export function addInterfaces<Names extends PackageNames>(
  interfaces: Record<string, HostInterface>,
  { version, names, packages }: WasiVersion<Names>,
  context: Context,
): void {
  for (const [packageName, make] of Object.entries<MakePackage>(packages)) {
    let made: Record<string, HostInterface> | undefined;
    for (const name of names[packageName]!) {
      let guarded: HostInterface | undefined;
      Object.defineProperty(interfaces, `wasi:${packageName}/${name}@${version}`, {
        enumerable: true,
        get: () => guarded ??= guard((made ??= make(context))[name]!, context.waits),
      });
    }
  }
}

/** The interface, each of whose functions first looks whether the guest has been ended. */
function guard(one: HostInterface, waits: Waits): HostInterface {
  const functions: Record<string, HostFunction> = {};
  for (const [name, call] of Object.entries(one.functions)) functions[name] = checked(name, call, waits);
  return { ...one, functions };
}

function checked(name: string, call: HostFunction, waits: Waits): HostFunction {
  return (...args) => {
    waits.check();
    try {
      return call(...args);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // The function has no error that it could return.
      throw new Error(`${name} failed: ${ERRNO_NAMES.get(error.errno)}`);
    }
  };
}
