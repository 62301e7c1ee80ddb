import { format } from "@std/fmt/bytes";

/** A number of bytes, rounded for people and exact: `1.34 kB (1337 bytes)`. */
export function formatSize(size: number): string {
  return size < 1000 ? `${size} bytes` : `${format(size)} (${size} bytes)`;
}
