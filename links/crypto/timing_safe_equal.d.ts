// What the project uses of @std/crypto 1; the implementation is npm's deno-std.

/** @throws {TypeError} when the lengths differ */
export function timingSafeEqual(
  a: ArrayBufferView | ArrayBufferLike,
  b: ArrayBufferView | ArrayBufferLike,
): boolean;
