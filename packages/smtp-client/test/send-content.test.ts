import { Duplex } from 'node:stream'
import type { ContentSource } from '@postroad/envelope'
import { createManualClock, type Clock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import { createSmtpDelivery } from '../src/smtp-delivery.ts'
import { envelope, HOST, never, source, summary } from './fixtures.ts'
import { network, polite } from './scripted-peer.ts'

const LONG = `Subject: long\r\n\r\n${'a line that repeats\r\n'.repeat(30_000)}`
const WAYS = [
  { name: 'DATA', keywords: ['PIPELINING'] },
  { name: 'BDAT', keywords: ['PIPELINING', 'CHUNKING'] },
]
const request = { envelope: envelope(), destination: HOST, signal: never }

/** A network that takes 64 KiB in so many milliseconds. */
function slow(near: Duplex, clock: Clock, flightMs: number): Duplex {
  const line = new Duplex({
    read: () => void near.resume(),
    write(bytes: Buffer, _encoding, done) {
      void clock.sleep((bytes.length / 65_536) * flightMs).then(() => near.write(bytes, done))
    },
    destroy(error, done) {
      near.destroy()
      done(error)
    },
  })
  near.on('data', (bytes) => line.push(bytes))
  return line
}

describe('long content', () => {
  it.each(WAYS)(
    'leaves by $name in parts of 64 KiB, however long the chunks of its source are',
    async ({ keywords }) => {
      for (const chunkBytes of [1 << 20, 100_001, 20_000, 700]) {
        const contents: string[] = []
        const { dial, peers } = network(polite({ keywords, contents }))
        const delivery = createSmtpDelivery({ hostname: 'client.example.org', clock: createManualClock(), dial })
        const report = await delivery.deliver({ ...request, content: source(LONG, chunkBytes) })
        expect(summary(report.outcomes)).toEqual(['delivered'])
        expect(`${contents[0]}\r\n`.startsWith(LONG)).toBe(true)
        const reads = peers[0]?.reads ?? []
        expect(Math.max(...reads)).toBeLessThanOrEqual(65_536 + 2 * 'BDAT 262144 LAST\r\n'.length)
        expect(reads.length).toBeLessThan(3 * Math.ceil(LONG.length / 65_536) + 8)
      }
    },
  )

  it.each(WAYS)('is given to the stream by $name without a copy, a command before it in one go', async (way) => {
    const whole = new Uint8Array(Buffer.from(LONG))
    const contents: string[] = []
    const { dial } = network(polite({ ...way, contents }))
    const copied: number[] = []
    let corked = 0
    const delivery = createSmtpDelivery({
      hostname: 'client.example.org',
      clock: createManualClock(),
      dial: async (target) => {
        const near = await dial(target)
        const write = near.write.bind(near)
        near.write = (bytes: Uint8Array, ...rest: never[]) => {
          if (bytes.length > 1_000 && bytes.buffer !== whole.buffer) copied.push(bytes.length)
          if (Buffer.from(bytes).toString().startsWith('BDAT')) corked += near.writableCorked
          return write(bytes, ...rest)
        }
        return near
      },
    })
    const content: ContentSource = {
      facts: source(LONG).facts,
      async *open() {
        yield whole
      },
    }
    expect(summary((await delivery.deliver({ ...request, content })).outcomes)).toEqual(['delivered'])
    expect(`${contents[0]}\r\n`.startsWith(LONG)).toBe(true)
    expect(copied).toEqual([])
    expect(corked).toBe(way.name === 'BDAT' ? Math.ceil(LONG.length / 262_144) : 0)
  })

  it.each(WAYS)(
    'is not cut off by $name where the network takes each part in time (RFC 5321 §4.5.3.2.5)',
    async (way) => {
      const { dial, peers } = network(polite(way))
      const clock = createManualClock()
      const delivery = createSmtpDelivery({
        hostname: 'client.example.org',
        clock,
        dial: async (target) => slow(await dial(target), clock, 120_000),
      })
      let ended = false
      const delivering = delivery.deliver({ ...request, content: source(LONG) }).finally(() => (ended = true))
      while (!ended) {
        await new Promise(setImmediate)
        await clock.advance(10_000)
      }
      const report = await delivering
      expect(summary(report.outcomes)).toEqual(['delivered'])
      expect(clock.monotonic()).toBeGreaterThan(180_000)
      expect(peers).toHaveLength(1)
    },
  )

  it.each(WAYS)('is read no further by $name than its facts say, and never ended where there is more', async (way) => {
    let given = 0
    let freed = false
    const endless: ContentSource = {
      facts: source(LONG).facts,
      async *open() {
        try {
          for (;;) {
            given += 50_000
            yield Buffer.alloc(50_000, 'x')
          }
        } finally {
          freed = true
        }
      },
    }
    const contents: string[] = []
    const { dial, peers } = network(polite({ ...way, contents }))
    const delivery = createSmtpDelivery({ hostname: 'client.example.org', clock: createManualClock(), dial })
    await expect(delivery.deliver({ ...request, content: endless })).rejects.toMatchObject({
      code: 'SMTP_CLIENT_CONTENT_LENGTH',
    })
    await Promise.all(peers.map((peer) => peer.gone()))
    expect([contents, freed]).toEqual([[], true])
    expect(given).toBeLessThanOrEqual(LONG.length + 50_000)
  })
})
