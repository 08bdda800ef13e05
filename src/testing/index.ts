/** `inkwire/testing`: what Inkwire is tested with, for the services built on it. Explicit re-exports, nothing else. */
export { seededRandom } from './random.ts'
export type { SeededRandom } from './random.ts'
export { VirtualClock } from './virtual-clock.ts'
export type { HostClock } from './virtual-clock.ts'
export { SimulatedNetwork } from './simulated-network.ts'
export type { NetworkConditions } from './conditions.ts'
export type { SimulatedNetworkOptions } from './simulated-network.ts'
export type { Circuit } from './simulated-link.ts'
export { Simulation } from './simulation.ts'
export type { CrashKind, SimulatedProcess, SimulationOptions } from './simulation.ts'
export { transportConformance } from './transport-conformance.ts'
export type { ConformanceHarness, ConformanceSubject } from './transport-conformance.ts'
export { History } from './history.ts'
export type {
  HistoryEvent,
  HistoryFact,
  RecordedConnection,
  RecordedEnd,
  RecordedNode,
  RecordedOutcome,
} from './history.ts'
export { check, report } from './check.ts'
export type { Contract, HostileParty, Law, RecordedRun, Violation } from './violation.ts'
export { explain as explainSimulation, simulate } from './swarm/simulate.ts'
export type { SimulationReport } from './swarm/simulate.ts'
export { drawPlan } from './swarm/draw.ts'
export type { Fault, HandlerPlan, NodePlan, NodeType, Operation, PolicyPlan, SwarmPlan } from './swarm/plan.ts'
export { faulty } from './faulty.ts'
export { FaultPlan } from './fault-plan.ts'
export type { Breakpoint, ChanceOfFaults, FaultAction, FaultPlanOptions } from './fault-plan.ts'
export type { FrameName } from './frame-tap.ts'
export { shrink } from './swarm/shrink.ts'
export { HostilePeer } from './hostile/hostile-peer.ts'
export type { HostilePeerOptions, RampageOptions } from './hostile/hostile-peer.ts'
export { HOSTILE_TRICKS } from './hostile/tricks.ts'
export type { HostileTrick } from './hostile/tricks.ts'
export type { HeardMessage } from './hostile/lair.ts'
export type { Appetite } from './hostile/ground.ts'
export { acquaintances } from './hostile/acquaintance.ts'
export type { Acquaintance } from './hostile/acquaintance.ts'
