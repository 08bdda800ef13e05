/** What is a global in Node and none in a page. */
export { Buffer, process, setImmediate, clearImmediate } from './stand-ins.ts'
