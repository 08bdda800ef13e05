/**
 * protobufjs and the classes of control.proto, loaded when the first link needs them: they are 8 MB and a third of the time
 * that importing Inkwire would take.
 *
 * An encoder cannot wait, so protobufjs is loaded by `require`. This is a room of its own because the pure rooms ask the process
 * for nothing; what comes of it is the same whenever it is asked.
 */
import type * as Protobuf from 'protobufjs/minimal.js'
import { classesOf } from '../native/gen/control.pb.js'

let protobuf: typeof Protobuf | null = null
let classes: ReturnType<typeof classesOf> | null = null

/** The messages of control frames, each with `encode` and `decode`. */
export function words(): ReturnType<typeof classesOf> {
  return (classes ??= classesOf(load()))
}

/** Reads a payload field by field. */
export function readerOf(payload: Uint8Array): Protobuf.Reader {
  return load().Reader.create(payload)
}

function load(): typeof Protobuf {
  if (protobuf !== null) return protobuf
  const { createRequire } = process.getBuiltinModule('node:module')
  return (protobuf = createRequire(import.meta.url)('protobufjs/minimal') as typeof Protobuf)
}
