import * as fc from 'fast-check'
import type { RecipientOutcome } from '@postroad/envelope'
import { createManualClock, type ManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import { createSmtpDelivery } from '../src/smtp-delivery.ts'
import { envelope, HOST, source } from './fixtures.ts'
import { network, type Peer, type Script } from './scripted-peer.ts'

/** What a server does with one transaction. */
const MOVES = [
  'take',
  'refuse-rcpt',
  'refuse-mail',
  'close-at-mail',
  'leave-at-mail',
  'reset-at-mail',
  'close-at-rcpt',
  'leave-at-rcpt',
  'close-at-content',
  'leave-at-content',
  'take-and-close',
  'take-and-reset',
  'drop-and-close',
  'leave-at-end',
  'take-answer-close',
  'take-answer-half-close',
  'take-answer-leave',
  'silent-at-mail',
  'silent-at-rcpt',
  'silent-at-content',
  'take-and-silent',
] as const
type Move = (typeof MOVES)[number]

interface Plan {
  readonly keywords: readonly string[]
  /** One for each transaction over the connection; then it takes everything. */
  readonly moves: readonly Move[]
  /** Answers a pipelined group in one write, once all of it was read (RFC 2920 §3.2); what it held is lost with it. */
  readonly batches: boolean
  /** Says nothing to QUIT, and does not close. */
  readonly stays: boolean
}

/** Counts for each message and recipient how often a server took the content over. */
type Taken = Map<string, number>

class ServerModel {
  readonly #peer: Peer
  readonly #taken: Taken
  readonly #moves: readonly Move[]
  #transactions = 0
  #to: string[] = []
  #chunks = ''
  #mail = false
  readonly #batches: boolean
  readonly #stays: boolean
  #held = ''

  constructor(peer: Peer, plan: Plan, taken: Taken) {
    this.#peer = peer
    this.#moves = plan.moves
    this.#taken = taken
    this.#batches = plan.batches
    this.#stays = plan.stays
  }

  get #move(): Move {
    return this.#moves[this.#transactions - 1] ?? 'take'
  }

  /** False where the connection is over for the server. */
  async hear(line: string): Promise<boolean> {
    switch (line.slice(0, 4)) {
      case 'MAIL':
        return this.#hearMail()
      case 'RCPT':
        return this.#hearRcpt(line)
      case 'DATA': {
        if (this.#to.length === 0) return this.#say('503 5.5.1 nobody')
        if (this.#leaves('content')) return false
        this.#say('354 go')
        const content = await this.#peer.content()
        return content !== undefined && this.#end(content)
      }
      case 'BDAT': {
        const [, count = '0', last] = line.split(' ')
        const octets = await this.#peer.octets(Number(count))
        if (octets === undefined) return false
        if (this.#to.length === 0) return this.#say('503 5.5.1 nobody')
        if (this.#leaves('content')) return false
        this.#chunks += octets
        return last === 'LAST' ? this.#end(this.#chunks) : this.#say('250 2.0.0 chunk')
      }
      case 'QUIT':
        if (this.#stays) return true
        this.#say('221 2.0.0 bye')
        this.#peer.close()
        return false
      default:
        this.#to = []
        this.#mail = false
        return this.#say('250 2.0.0 ok')
    }
  }

  #hearMail(): boolean {
    this.#transactions += 1
    this.#to = []
    this.#chunks = ''
    this.#mail = false
    if (this.#leaves('mail')) return false
    if (this.#move === 'refuse-mail') return this.#say('550 5.7.1 no')
    this.#mail = true
    return this.#say('250 2.1.0 ok')
  }

  #hearRcpt(line: string): boolean {
    if (!this.#mail) return this.#say('503 5.5.1 no MAIL')
    if (this.#leaves('rcpt')) return false
    if (this.#move === 'refuse-rcpt') return this.#say('451 4.2.1 later')
    this.#to.push(line.slice('RCPT TO:<'.length, line.indexOf('>')))
    return this.#say('250 2.1.5 ok')
  }

  #end(content: string): boolean {
    const move = this.#move
    if (move === 'drop-and-close') return this.#close()
    if (move === 'leave-at-end') return this.#say('421 4.3.2 bye') && this.#close()
    const message = /^Subject: (\d+)/.exec(content)?.[1] ?? '?'
    for (const address of this.#to) {
      const name = `${message} ${address}`
      this.#taken.set(name, (this.#taken.get(name) ?? 0) + 1)
    }
    if (move === 'take-and-close') return this.#close()
    if (move === 'take-and-reset') return this.#reset()
    if (move === 'take-and-silent') return false
    this.#say('250 2.0.0 queued')
    if (move === 'take-answer-close') return this.#close()
    // It goes on reading, and says nothing more.
    if (move === 'take-answer-half-close') return this.#close()
    if (move === 'take-answer-leave') return this.#say('421 4.3.2 idle') && this.#close()
    return true
  }

  #leaves(at: string): boolean {
    const move = this.#move
    if (move === `leave-at-${at}`) this.#say('421 4.3.2 bye')
    if (move === `reset-at-${at}`) this.#reset()
    else if (move === `leave-at-${at}` || move === `close-at-${at}`) this.#close()
    else return move === `silent-at-${at}`
    return true
  }

  #say(reply: string): true {
    this.#held += `${reply}\r\n`
    if (this.#batches && this.#peer.buffered > 0) return true
    this.#peer.say(this.#held)
    this.#held = ''
    return true
  }

  #close(): false {
    this.#peer.close()
    return false
  }

  #reset(): false {
    this.#peer.reset()
    return false
  }
}

function serve(plan: Plan, taken: Taken): Script {
  return async (peer) => {
    const server = new ServerModel(peer, plan, taken)
    peer.say('220 mx\r\n')
    const hello = await peer.line()
    if (hello === undefined) return
    peer.say(['250-mx', ...plan.keywords.map((word) => `250-${word}`), '250 ENHANCEDSTATUSCODES', ''].join('\r\n'))
    for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
      if (!(await server.hear(line))) break
    }
    await peer.gone()
    peer.stream.destroy()
  }
}

const plans = fc.record({
  keywords: fc.oneof(fc.constant(['PIPELINING', 'CHUNKING']), fc.subarray(['PIPELINING', 'CHUNKING'])),
  moves: fc.array(fc.oneof({ weight: 2, arbitrary: fc.constant('take' as const) }, fc.constantFrom(...MOVES)), {
    maxLength: 4,
  }),
  batches: fc.boolean(),
  stays: fc.boolean(),
})
const messages = fc.record({
  recipients: fc.integer({ min: 1, max: 3 }),
  /** Turns of the event loop before it begins, and time before that. */
  turns: fc.integer({ min: 0, max: 40 }),
  waitMs: fc.constantFrom(0, 0, 1_000, 3_000, 25_000),
  long: fc.boolean(),
  /** Turns of the event loop after which its signal fires. */
  abortAfter: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.integer({ min: 0, max: 30 })),
})

/** Lets time pass until a promise is settled: whoever waits for a silent server gives up some day. */
async function settle<Value>(clock: ManualClock, promise: Promise<Value>): Promise<Value> {
  let settled = false
  void Promise.allSettled([promise]).then(() => (settled = true))
  while (!settled) {
    for (let turn = 0; turn < 40 && !settled; turn += 1) await new Promise(setImmediate)
    if (!settled) await clock.advance(clock.nextWakeMs ?? 1_000)
  }
  return promise
}

describe('the pool, with servers that close, leave, break and fall silent at any point', () => {
  it('gives every recipient one outcome, delivers nothing twice, and leaks nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(plans, { minLength: 1, maxLength: 6 }),
        fc.array(messages, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(undefined, 1, 2),
        fc.boolean(),
        async (plans, messages, maxPerDestination, inTurn) => {
          const taken: Taken = new Map()
          const { dial, peers } = network(...plans.map((plan) => serve(plan, taken)))
          const clock = createManualClock()
          const opened = new Map<string, number>()
          const delivery = createSmtpDelivery({
            hostname: 'client.example.org',
            clock,
            dial,
            pool: maxPerDestination === undefined ? {} : { maxPerDestination },
            observer: {
              observe: (report) => {
                if (report.type === 'connection-opened') opened.set(report.sessionId, 1)
                if (report.type === 'connection-closed')
                  opened.set(report.sessionId, (opened.get(report.sessionId) ?? 0) - 1)
              },
            },
          })
          type Message = (typeof messages)[number]
          const run = async ({ recipients, turns, waitMs, long, abortAfter }: Message, index: number) => {
            for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate)
            if (waitMs > 0) await clock.sleep(waitMs)
            const names = Array.from({ length: recipients }, (_, at) => `u${at}@example.net`)
            const told: RecipientOutcome[] = []
            const abort = new AbortController()
            const fire = async () => {
              for (let turn = 0; turn < (abortAfter ?? 0); turn += 1) await new Promise(setImmediate)
              abort.abort()
            }
            if (abortAfter !== undefined) void fire()
            const report = await delivery.deliver({
              envelope: envelope(...names),
              content: source(`Subject: ${index}\r\n\r\n${long ? 'x\r\n'.repeat(30_000) : 'short\r\n'}`, 7_001),
              destination: HOST,
              signal: abort.signal,
              onOutcome: (recipient, outcome) => {
                expect(told[recipient]).toBeUndefined()
                told[recipient] = outcome
              },
            })
            expect(told).toEqual(report.outcomes)
            expect(report.outcomes).toHaveLength(recipients)
            for (const [at, outcome] of report.outcomes.entries()) {
              const times = taken.get(`${index} ${names[at]}`) ?? 0
              if (outcome.kind === 'delivered') expect(times).toBe(1)
              else if (outcome.kind === 'unknown') expect(times).toBeLessThanOrEqual(1)
              else expect(times).toBe(0)
            }
          }
          const runAll = async () => {
            if (inTurn) for (const [index, message] of messages.entries()) await run(message, index)
            else await Promise.all(messages.map(run))
          }
          await settle(clock, runAll())
          // Whoever was called was called for a message, once, or once more in place of a dead connection.
          expect(peers.length).toBeLessThanOrEqual(messages.length)
          await settle(clock, Promise.resolve(delivery[Symbol.asyncDispose]()))
          await Promise.all(peers.map((peer) => peer.gone()))
          expect([...opened.values()].every((balance) => balance === 0)).toBe(true)
          expect(clock.sleeping).toBe(0)
        },
      ),
      { numRuns: 120 },
    )
  }, 60_000)
})
