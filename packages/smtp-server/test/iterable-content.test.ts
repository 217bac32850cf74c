import { reply } from '@postroad/envelope'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { iterableContent } from '../src/index.ts'
import { ENVELOPE, FAULT, OK, Recorder, serve, settle } from './harness.ts'
import type { Harness } from './harness.ts'

const escaped: unknown[] = []
const note = (error: unknown): void => void escaped.push(error)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(() => {
  process.off('unhandledRejection', note)
  expect(escaped).toEqual([])
})

/** A server whose messages go to `take`. */
function serveReader(take: Parameters<typeof iterableContent>[0]): { harness: Harness; handler: Recorder } {
  const handler = Object.assign(new Recorder(), { content: () => iterableContent(take) })
  return { harness: serve(handler), handler }
}

async function atContent(harness: Harness) {
  const client = await harness.socket()
  await client.talk('HELO a', ...ENVELOPE)
  return client
}

describe('content as an async iterable', () => {
  it('comes whole and in order, one chunk after the other, and is judged behind its end', async () => {
    let text = ''
    const { harness } = serveReader(async (content) => {
      for await (const chunk of content) {
        await settle()
        text += Buffer.from(chunk).toString('latin1')
      }
      return reply(250, '2.0.0', `${text.length} bytes`)
    })
    const client = await atContent(harness)
    const block = `${'x'.repeat(70)}\r\n`.repeat(5_000)
    client.send(`${block}..dot\r\n.\r\n`)
    expect(await client.reply()).toBe(`250 2.0.0 ${block.length + 6} bytes`)
    expect(text).toBe(`${block}.dot\r\n`)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('ends at once where there is none', async () => {
    const chunks: Uint8Array[] = []
    const { harness } = serveReader(async (content) => {
      for await (const chunk of content) chunks.push(chunk)
      return OK
    })
    const client = await atContent(harness)
    client.send('.\r\n')
    expect(await client.reply()).toBe('250 2.0.0 OK')
    expect(chunks).toEqual([])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('holds the client back while a chunk is worked on', async () => {
    let taken = 0
    let go: () => void = () => {}
    const working = new Promise<void>((resolve) => {
      go = resolve
    })
    const { harness } = serveReader(async (content) => {
      for await (const chunk of content) {
        taken += chunk.length
        await working
      }
      return OK
    })
    const client = await atContent(harness)
    const block = Buffer.from(`${'x'.repeat(70)}\r\n`.repeat(10_000))
    for (let count = 0; count < 20; count += 1) client.send(block)
    client.send('.\r\n')
    await settle()
    expect(taken).toBeLessThanOrEqual(65_536)
    expect(client.stream.writableLength).toBeGreaterThan(1_000_000)
    go()
    expect(await client.reply()).toBe('250 2.0.0 OK')
    expect(taken).toBe(20 * block.length)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each([
    {
      how: 'stops in the middle',
      take: async (content: AsyncIterable<Uint8Array>) => {
        for await (const chunk of content) if (chunk.length > 0) break
        return reply(550, '5.6.0', 'Seen enough')
      },
    },
    { how: 'never begins', take: async () => reply(550, '5.6.0', 'Seen enough') },
    {
      how: 'only asks for one',
      take: async (content: AsyncIterable<Uint8Array>) => {
        await content[Symbol.asyncIterator]().next()
        return reply(550, '5.6.0', 'Seen enough')
      },
    },
  ])('is read to its end and dropped for a reader that $how', async ({ take }) => {
    const { harness } = serveReader(take)
    const client = await atContent(harness)
    for (let count = 0; count < 20; count += 1) {
      client.send('x\r\n'.repeat(1_000))
      await settle()
    }
    expect(client.unread).toBe('')
    client.send('.\r\n')
    expect(await client.reply()).toBe('550 5.6.0 Seen enough')
    expect(await client.talk('NOOP')).toEqual(['250 2.0.0 OK'])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each([
    {
      how: 'throws at once',
      take: (): Promise<never> => {
        throw new Error('no disk')
      },
    },
    { how: 'rejects before it reads', take: () => Promise.reject(new Error('no disk')) },
    {
      how: 'throws in the middle',
      take: async (content: AsyncIterable<Uint8Array>) => {
        for await (const chunk of content) if (chunk.length > 0) throw new Error('no disk')
        return OK
      },
    },
    {
      how: 'throws behind the end',
      take: async (content: AsyncIterable<Uint8Array>) => {
        for await (const chunk of content) void chunk
        throw new Error('no disk')
      },
    },
  ])('is answered 451 where the reader $how, and the fault told once', async ({ take }) => {
    const { harness } = serveReader(take)
    const client = await atContent(harness)
    for (let count = 0; count < 3; count += 1) {
      client.send('x\r\n')
      await settle()
    }
    client.send('.\r\nNOOP\r\n')
    expect(await client.reply()).toBe(FAULT)
    expect(await client.reply()).toBe('250 2.0.0 OK')
    expect(harness.faults()).toMatchObject([{ message: 'no disk' }])
    expect(harness.of('transaction.refused')).toHaveLength(1)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each([
    { why: 'the client goes away', end: 'destroy' as const },
    { why: 'a bare LF makes it void', end: 'refuse' as const },
  ])('throws SMTP_SERVER_CONTENT_ABORTED where $why', async ({ end }) => {
    const ends: unknown[] = []
    const { harness, handler } = serveReader(async (content) => {
      try {
        for await (const chunk of content) void chunk
      } catch (error) {
        ends.push(error)
        throw error
      }
      return OK
    })
    const client = await atContent(harness)
    client.send('half a mess')
    await settle()
    if (end === 'destroy') client.stream.destroy()
    else client.send('age\nand more\r\n.\r\n')
    await expect.poll(() => ends).toMatchObject([{ code: 'SMTP_SERVER_CONTENT_ABORTED' }])
    await settle()
    expect(harness.of('transaction.accepted')).toEqual([])
    expect(harness.faults()).toEqual([])
    if (end === 'refuse') expect(await client.reply()).toMatch(/^550 5\.6\.0 /)
    else expect(handler.calls.at(-1)).toBe('end')
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('is judged for each recipient in LMTP (RFC 2033 §4.2)', async () => {
    const handler = Object.assign(new Recorder(), {
      content: () =>
        iterableContent(async (content) => {
          for await (const chunk of content) void chunk
          return [OK, reply(452, '4.2.2', 'Mailbox full')]
        }),
    })
    const harness = serve(handler, { protocol: 'lmtp' })
    const client = await harness.pair()
    await client.talk('LHLO a', ENVELOPE[0], ENVELOPE[1], 'RCPT TO:<bob@example.net>', 'DATA')
    client.send('text\r\n.\r\n')
    expect([await client.reply(), await client.reply()]).toEqual(['250 2.0.0 OK', '452 4.2.2 Mailbox full'])
    await harness.server.stop({ deadlineMs: 0 })
  })
})
