/**
 * What a benchmark is made of.
 *
 * A benchmark has scenes. In a scene each contestant is started once, in processes of its own, and set up (a backlog
 * built, a server warmed); then the scene's cases run over them. A case is a kind of work; each of its rounds lets every
 * contestant do that work for a while, one after the other.
 */

import type { Stage } from './stage.ts'

/** A benchmark as `pnpm bench` lists it. */
export interface Benchmark {
  /** Lower-case, with hyphens. */
  readonly name: string
  /** One sentence: what it compares. */
  readonly about: string
  /** Lays out the scenes. Nothing is started yet. */
  readonly scenes: (scale: Scale) => readonly Scene[]
}

/** How much is run. */
export interface Scale {
  /** A minute or two in all: small sizes, short rounds. The figures only prove that everything works. */
  readonly quick: boolean
}

/** Contestants that are started together, and what they do. */
export interface Scene {
  readonly name: string
  readonly contestants: readonly Contestant[]
  readonly cases: readonly Case[]
  /** How long a round should take, in milliseconds; a contestant may end earlier when its work is done. */
  readonly roundMs: number
}

/** One kind of work. */
export interface Case {
  /** Unique within the benchmark. */
  readonly name: string
  /** The contestant that the others' ratios are to. */
  readonly reference: string
  /** Which contestants take part. Default: all of the scene. */
  readonly only?: readonly string[]
  /** Told to the contestants as it is. */
  readonly work: Work
}

/** Parameters of a case or of a contestant: plain values that travel between processes. */
export type Work = Readonly<Record<string, string | number | boolean>>

/** Who takes part. */
export interface Contestant {
  readonly name: string
  /** Starts its processes on the stage of its own, and sets up what all cases need. Not measured. */
  readonly start: (stage: Stage) => Promise<Running>
}

/** A contestant that runs. The stage ends it. */
export interface Running {
  /** What must be there before a round of this work. Not measured. */
  readonly prepare: (work: Work, roundMs: number) => Promise<void>
  /** One round. The CPU time of the contestant's counted processes is read just before and just after. */
  readonly measure: (work: Work, roundMs: number) => Promise<Measured>
  /** Takes away what the round left, after the memory was read. Not measured. */
  readonly finish: (work: Work, roundMs: number) => Promise<void>
}

/** What one round did. */
export interface Measured {
  /** 1 and up. */
  readonly operations: number
  /** From the first operation's begin to the last one's end. */
  readonly seconds: number
  /** More that is worth reading, such as `firstLeaseMs`: the median is shown; with `Max` in its name the highest. */
  readonly figures?: Readonly<Record<string, number>>
}
