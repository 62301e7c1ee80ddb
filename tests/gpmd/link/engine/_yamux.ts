/** A header of yamux: version 0, type, flags, stream, length. */
export function header(type: number, flags: number, stream: number, length: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(12));
  view.setUint8(1, type);
  view.setUint16(2, flags);
  view.setUint32(4, stream);
  view.setUint32(8, length);
  return new Uint8Array(view.buffer);
}
