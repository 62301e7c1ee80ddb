import type { HostInterface } from "../../../component/host.ts";
import type { Context } from "../../components/context.ts";
import { descriptorFunctions } from "../../components/filesystem/descriptor_functions.ts";
import { AS_ENUM } from "../../components/filesystem/error_code.ts";
import { pathFunctions } from "../../components/filesystem/path_functions.ts";
import { filesystemPreopens } from "../../components/filesystem/preopens.ts";
import { CLOSED_WHEN_DROPPED } from "../../components/resources.ts";
import { filesystemErrorCode, listingFunctions } from "./listing.ts";
import { transferFunctions } from "./transfer_functions.ts";

/** The interfaces of `wasi:filesystem` by their names in the package. */
export function filesystemInterfaces(context: Context): Record<string, HostInterface> {
  return { types: filesystemTypes(context), preopens: filesystemPreopens(context) };
}

/** The interface `wasi:filesystem/types`. */
function filesystemTypes(context: Context): HostInterface {
  return {
    functions: {
      ...descriptorFunctions(AS_ENUM),
      ...transferFunctions(context),
      ...pathFunctions(context, AS_ENUM),
      ...listingFunctions(context),
      "filesystem-error-code": filesystemErrorCode,
    },
    resources: { descriptor: CLOSED_WHEN_DROPPED, "directory-entry-stream": CLOSED_WHEN_DROPPED },
  };
}
