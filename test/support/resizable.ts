/** ArrayBuffers that change their length, which the types of TypeScript 5 for ES2022 do not know. */
export interface ResizableBuffer extends ArrayBuffer {
  resize(bytes: number): void
}

const Resizable = ArrayBuffer as unknown as new (bytes: number, options: { maxByteLength: number }) => ResizableBuffer

export function resizable(bytes: number): ResizableBuffer {
  return new Resizable(bytes, { maxByteLength: bytes * 2 })
}
