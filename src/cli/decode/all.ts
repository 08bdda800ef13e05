/** What `inkwire decode` needs once it runs: loaded then, because other commands need none of it. */
export { CaptureDecoding } from './capture/capture-decoding.ts'
export { isCapture } from './capture/capture-file.ts'
export { Decoding } from './stream.ts'
