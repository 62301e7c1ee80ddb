/** True where a process may have mounts of its own: a full or read-only disk can be tried. */
export function canMount(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    return new Deno.Command("unshare", { args: ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"] })
      .outputSync().success;
  } catch {
    return false;
  }
}
