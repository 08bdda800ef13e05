/** A policy by its kind, for tests that run with several. */
import { losslessClient, losslessServer, lossy, peer } from '../../src/index.ts'
import type { Policy, PolicyKind, PolicyOptions } from '../../src/index.ts'

const FACTORIES: Record<PolicyKind, (options: PolicyOptions) => Policy> = {
  lossy,
  losslessClient,
  losslessServer,
  peer,
}

/** `dialling` is for the kinds that dial; a losslessServer would refuse it. */
export function policyOf(kind: PolicyKind, options: PolicyOptions, dialling: PolicyOptions = {}): Policy {
  return FACTORIES[kind](kind === 'losslessServer' ? options : { ...options, ...dialling })
}
