/** What a producer or a worker of a run is told, and what both need. */

import { createSeededRandom, type Random, randomFraction } from '@postroad/runtime'
import type { Target } from './target.ts'

/** The argument of a child process, as JSON. */
export interface MemberPlan {
  readonly target: Target
  /** Its number in the run: no other process has it. */
  readonly process: number
  readonly seed: number
  readonly leaseMs: number
  /** Loops at a time. */
  readonly loops: number
  /** How far ahead some retries are, by this process's clock; absent: all are due at once. */
  readonly retryMs?: number
}

/** Reads the plan that the parent gave, and sees to it that this process does not outlive the parent. */
export function readPlan(): MemberPlan {
  process.stdin.on('end', () => process.exit(0)).resume()
  const plan: MemberPlan = JSON.parse(process.argv[2] ?? '')
  return plan
}

/** A seeded die. */
export class Dice {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = createSeededRandom(seed)
  }

  /** From 0 (included) to 1 (excluded). */
  fraction(): number {
    return randomFraction(this.#random)
  }

  /** A whole number from 0 to `below`, excluded. */
  below(below: number): number {
    return Math.floor(this.fraction() * below)
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  /** One of them. */
  pick<One>(first: One, ...others: readonly One[]): One {
    return [first, ...others][this.below(others.length + 1)] ?? first
  }
}

/** Names of this process that no other process makes. */
export class Names {
  readonly #process: number
  #count = 0

  constructor(process: number) {
    this.#process = process
  }

  /** The next: letters, digits and an underscore. */
  next(letter: string): string {
    return `${letter}${this.#process}x${(this.#count += 1)}`
  }
}

/** How large the next content is, in bytes; `undefined`: there is none. Some is larger than 256 KiB. */
export function nextSize(dice: Dice): number | undefined {
  const roll = dice.fraction()
  if (roll < 0.1) return undefined
  if (roll < 0.7) return 100 + dice.below(4_000)
  if (roll < 0.9) return 4_000 + dice.below(200_000)
  return 262_144 - 100 + dice.below(400_000)
}

/** The groups that entries are for. */
export const GROUPS: readonly [string, ...string[]] = [
  'one.example',
  'two.example',
  'three.example',
  'four.example',
  'five.example',
  'six.example',
]
