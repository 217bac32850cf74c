/**
 * A kill run: a stream of messages goes through a road while one of its processes is killed at a random moment and
 * started again; then everything is counted. What was accepted must be delivered, or returned to its sender.
 */

import { systemClock } from '@postroad/runtime/system'
import { createSeededRandom, randomFraction } from '@postroad/runtime'
import { readMailbox } from './maildir.ts'
import { openSubmitter } from './submit.ts'
import { splitMessage } from './compare.ts'
import type { Road, RoadPart } from './road.ts'
import type { TestMta } from './test-mta.ts'

/** How to run. */
export interface KillRunOptions {
  readonly road: Road
  readonly mta: TestMta
  /** A recipient that the other MTA refuses. */
  readonly refused: string
  readonly rounds: number
  readonly messagesPerRound: number
  /** Which process is killed in a round. */
  readonly victim: (round: number) => RoadPart
  readonly seed: number
  /** Longest wait for the road to empty itself at the end. */
  readonly patienceMs: number
  readonly onRound?: (counts: KillCounts, round: number) => void
}

/** What was counted. */
export interface KillCounts {
  readonly sent: number
  /** The client heard 250: these must not be lost. */
  readonly accepted: number
  /** The client heard no answer: these may have been taken or not. */
  readonly unanswered: number
  /** How often a client could not connect, or heard that it should come back later, and did. */
  readonly turnedAway: number
  /** Accepted and in the mailbox, or at the other MTA. */
  readonly delivered: number
  /** Accepted, refused by the other MTA, and the report is in the sender's mailbox. */
  readonly bounced: number
  /** Accepted and nowhere yet. */
  readonly missing: readonly string[]
  /** Copies beyond the first. */
  readonly duplicated: number
}

/** Streams at a time. */
const CLIENTS = 8

/** Runs all rounds, waits until nothing accepted is missing or patience ends, and counts. */
export async function runKills(options: KillRunOptions): Promise<KillCounts> {
  const { road, mta, refused, rounds, messagesPerRound, victim, seed } = options
  const random = createSeededRandom(seed)
  const recipients = ['bob@example.org', 'eve@example.org', 'carol@example.net', 'bob@example.org', refused]
  const fates = new Map<string, 'accepted' | 'unanswered'>()
  let turnedAway = 0

  for (let round = 0; round < rounds; round += 1) {
    const numbers = Array.from({ length: messagesPerRound }, (_, index) => `${round}-${index}`)
    let done = 0
    const killAfter = Math.floor(randomFraction(random) * messagesPerRound * 0.9)
    const delayMs = randomFraction(random) * 20
    let reached: () => void = () => undefined
    const moment = new Promise<void>((resolve) => {
      reached = resolve
    })

    const stream = async (): Promise<void> => {
      await using submitter = openSubmitter(road, 'ada')
      for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
        const to = recipients[done % recipients.length] ?? refused
        done += 1
        if (done > killAfter) reached()
        const content = numbered(number, to)
        for (;;) {
          const [outcome] = await submitter.submit({ from: 'ada@example.org', to: [to], content })
          const fate =
            outcome?.kind === 'delivered' ? 'accepted' : outcome?.kind === 'unknown' ? 'unanswered' : undefined
          if (fate === undefined) {
            // Turned away: a client comes back a little later with the same message.
            turnedAway += 1
            await systemClock.sleep(50)
            continue
          }
          fates.set(number, fate)
          break
        }
      }
    }
    const killer = async (): Promise<void> => {
      await moment
      await systemClock.sleep(delayMs)
      await road.kill(victim(round))
      await road.start(victim(round))
    }
    await Promise.all([killer(), ...Array.from({ length: CLIENTS }, stream)])
    options.onRound?.(await count(road, mta, fates, turnedAway), round)
  }

  const deadline = systemClock.monotonic() + options.patienceMs
  for (;;) {
    const counts = await count(road, mta, fates, turnedAway)
    if (counts.missing.length === 0 || systemClock.monotonic() > deadline) return counts
    await systemClock.sleep(250)
  }
}

function numbered(number: string, to: string): Uint8Array {
  const padding = 'All work and no play makes a dull test.\r\n'.repeat(20)
  return Buffer.from(
    `From: ada@example.org\r\nTo: ${to}\r\nSubject: number ${number}\r\nX-Number: ${number}\r\n\r\n${padding}`,
  )
}

async function count(
  road: Road,
  mta: TestMta,
  fates: ReadonlyMap<string, string>,
  turnedAway: number,
): Promise<KillCounts> {
  const copies = new Map<string, number>()
  const add = (number: string | undefined): void => {
    if (number !== undefined) copies.set(number, (copies.get(number) ?? 0) + 1)
  }
  for (const account of ['bob', 'eve']) {
    for (const { content } of await readMailbox(road.maildir, account)) add(numberOf(content))
  }
  for (const { content } of mta.arrivals) add(numberOf(content))
  const bounces = new Map<string, number>()
  for (const { content } of await readMailbox(road.maildir, 'ada')) {
    const number = /^X-Number: (\S+)\r$/m.exec(Buffer.from(content).toString('latin1'))?.[1]
    if (number !== undefined) bounces.set(number, (bounces.get(number) ?? 0) + 1)
  }

  const fateIs = (fate: 'accepted' | 'unanswered'): readonly string[] =>
    [...fates].flatMap(([number, known]) => (known === fate ? [number] : []))
  const accepted = fateIs('accepted')
  const extra = (counts: ReadonlyMap<string, number>): number =>
    [...counts.values()].reduce((sum, known) => sum + known - 1, 0)
  return {
    sent: fates.size,
    accepted: accepted.length,
    unanswered: fateIs('unanswered').length,
    turnedAway,
    delivered: accepted.filter((number) => copies.has(number)).length,
    bounced: accepted.filter((number) => bounces.has(number)).length,
    missing: accepted.filter((number) => !copies.has(number) && !bounces.has(number)),
    duplicated: extra(copies) + extra(bounces),
  }
}

function numberOf(content: Uint8Array): string | undefined {
  return splitMessage(content).header.first('X-Number')?.value
}
