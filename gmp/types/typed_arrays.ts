/**
 * The typed arrays of a component's numbers, by their types. They hold their elements as the wire and a guest's memory do:
 * Deno runs on little-endian machines only.
 */
export const TYPED_ARRAYS = {
  s8: Int8Array,
  u8: Uint8Array,
  s16: Int16Array,
  u16: Uint16Array,
  s32: Int32Array,
  u32: Uint32Array,
  s64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

/** The typed array of elements of that type; `undefined` if they are no numbers. */
export function typedArrayOf(element: unknown): typeof TYPED_ARRAYS[keyof typeof TYPED_ARRAYS] | undefined {
  return typeof element === "string" && Object.hasOwn(TYPED_ARRAYS, element)
    ? TYPED_ARRAYS[element as keyof typeof TYPED_ARRAYS]
    : undefined;
}

/**
 * Whether `list` has lost its elements: the buffer of the typed array was transferred, or has become too short. It then looks like
 * an empty one.
 */
export function isDetached(list: ArrayLike<unknown>): boolean {
  if (list.length > 0 || !ArrayBuffer.isView(list)) return false;
  try {
    (list as Uint8Array).values();
    return false;
  } catch {
    return true;
  }
}
