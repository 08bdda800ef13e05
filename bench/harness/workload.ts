/**
 * A workload: what the listening process does and what the dialling process measures. The host runs one half each.
 */
import type { Measured, RunOptions } from './run.ts'
import type { Listening, Subject } from './subject.ts'

export interface Workload {
  serve(subject: Subject, options: RunOptions): Promise<Listening>
  drive(subject: Subject, address: string, options: RunOptions): Promise<Measured>
}
