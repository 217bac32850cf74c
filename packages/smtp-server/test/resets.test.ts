import { setImmediate as turn } from 'node:timers/promises'
import type { Duplex } from 'node:stream'
import { createSeededRandom, randomFraction } from '@postroad/runtime'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { certificate } from './certificate.ts'
import { ENVELOPE, OK, Recorder, serve } from './harness.ts'

const escaped: unknown[] = []
const note = (error: unknown): void => void escaped.push(error)

beforeAll(() => {
  process.on('unhandledRejection', note)
  process.on('uncaughtExceptionMonitor', note)
})
afterAll(() => {
  process.off('unhandledRejection', note)
  process.off('uncaughtExceptionMonitor', note)
})

/** Answers later, and now and then not well. */
class Unreliable extends Recorder {
  readonly #random: () => number
  constructor(random: () => number) {
    super()
    this.#random = random
  }
  async #later<Value>(value: Value): Promise<Value> {
    await turn()
    if (this.#random() < 0.1) throw new Error('broken')
    return value
  }
  override mail() {
    return this.#later(OK)
  }
  override rcpt() {
    return this.#later(OK)
  }
  override async content() {
    return this.#later(await super.content())
  }
  override write() {
    return this.#later(undefined)
  }
  override finish() {
    return this.#later(OK)
  }
}

const SCRIPT = [
  'EHLO a\r\n',
  ...ENVELOPE.map((line) => `${line}\r\n`),
  'text\r\n'.repeat(2_000),
  '.\r\n',
  `${ENVELOPE[0]}\r\n${ENVELOPE[1]}\r\nBDAT 12\r\n`,
  'twelve',
  'octets',
  'BDAT 5 LAST\r\nend\r\n',
  'AUTH PLAIN AGFkYQB3cm9uZw==\r\n',
  'STARTTLS\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
]

it.each([1, 2, 3, 4])(
  'leaves nothing behind and lets nothing escape, whenever clients vanish (seed %i)',
  async (seed) => {
    const source = createSeededRandom(seed)
    const random = (): number => randomFraction(source)
    const handlers: Unreliable[] = []
    const harness = serve(
      () => {
        const handler = new Unreliable(random)
        handlers.push(handler)
        return handler
      },
      { tls: await certificate(), mechanisms: ['PLAIN'], allowPlaintextAuth: true },
    )
    const client = async (stream: Duplex & { resetAndDestroy?: () => void }): Promise<void> => {
      const steps = Math.floor(random() * (SCRIPT.length + 1))
      for (const text of SCRIPT.slice(0, steps)) {
        stream.write(Buffer.from(text, 'latin1'))
        for (let turns = Math.floor(random() * 6); turns > 0; turns -= 1) await turn()
      }
      const end = random()
      if (end < 0.3) stream.end()
      else if (end < 0.7 && stream.resetAndDestroy !== undefined) stream.resetAndDestroy()
      else stream.destroy()
    }
    for (let round = 0; round < 8; round += 1) {
      const clients = await Promise.all(Array.from({ length: 6 }, () => harness.socket()))
      await Promise.all(clients.map(({ stream }) => client(stream)))
    }
    // Who only ended its side within a handshake or a transaction is closed by its deadline at the latest.
    await expect
      .poll(async () => {
        await harness.clock.advance(60_000)
        return harness.server.sessions
      })
      .toBe(0)
    expect(handlers).toHaveLength(48)
    for (const { calls } of handlers) {
      expect(calls.filter((call) => call === 'end')).toHaveLength(1)
      expect(calls.at(-1)).toBe('end')
      expect(calls.filter((call) => call === 'sink.end' || call === 'sink.abort').length).toBeLessThanOrEqual(
        calls.filter((call) => call === 'content').length,
      )
    }
    expect(harness.clock.sleeping).toBe(0)
    await harness.server.stop({ deadlineMs: 0 })
    await turn()
    expect(escaped).toEqual([])
  },
)
