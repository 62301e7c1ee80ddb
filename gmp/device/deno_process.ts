import { HUGE_PAGES } from "./huge_pages.ts";

/** The variables by which Deno finds its cache (deno.com, "Environment variables"), beside that of the home. */
export const DENO_VARIABLES = ["DENO_DIR", "XDG_CACHE_HOME"] as const;

/**
 * Keeps Deno from asking dl.deno.land for newer versions of itself, which it does half a second after the start of a process,
 * whatever that may connect to.
 */
const NO_UPDATE_CHECK = { DENO_NO_UPDATE_CHECK: "1" } as const;

/** The variables that our processes get, if this one may read them. */
const PASSED_ON = [...DENO_VARIABLES, "HOME", "PATH"] as const;

/**
 * The Deno that runs this process, if the permission to run programs covers it; else the first `deno` on the PATH,
 * which is all that `--allow-run=deno` allows when that is a link or a script.
 */
export function denoProgram(): string {
  try {
    const path = Deno.execPath();
    if (Deno.permissions.querySync({ name: "run", command: path }).state === "granted") return path;
  } catch (error) {
    // Reading the path itself needs a permission.
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
  }
  return "deno";
}

/**
 * The path of the Deno that runs this process, for one that another process starts, whose PATH this one does not know;
 * `deno` where it may not be read.
 */
export function denoPath(): string {
  try {
    return Deno.execPath();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    return "deno";
  }
}

/** The environment of a process, as `Deno.Command` takes it. */
interface Environment {
  readonly clearEnv: boolean;
  readonly env: Readonly<Record<string, string>>;
}

let environment: Environment | undefined;

/**
 * The environment of our processes: empty, except for where Deno finds its cache, how memory is allocated, and that Deno
 * looks for no newer version. The
 * result of the first call is kept: a command makes it before it gives up the permission to read variables. On Windows,
 * all variables are passed on: it needs some of its own to open a socket.
 */
export function processEnvironment(): Environment {
  return environment ??= {
    clearEnv: Deno.build.os !== "windows",
    env: { ...Object.fromEntries(PASSED_ON.flatMap(readVariable)), ...HUGE_PAGES, ...NO_UPDATE_CHECK },
  };
}

function readVariable(name: string): [name: string, value: string][] {
  if (Deno.permissions.querySync({ name: "env", variable: name }).state !== "granted") return [];
  const value = Deno.env.get(name);
  return value === undefined ? [] : [[name, value]];
}
