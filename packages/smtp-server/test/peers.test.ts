import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { connectTo } from '../src/testing/index.ts'
import { ENVELOPE, OK, Recorder, serve, settle } from './harness.ts'

/** A handler whose answers all come a turn later. */
class Slow extends Recorder {
  override async mail(): Promise<Reply> {
    await settleOnce()
    return super.mail()
  }
  override async rcpt(): Promise<Reply> {
    await settleOnce()
    return super.rcpt()
  }
  override async finish(): Promise<Reply> {
    await settleOnce()
    return super.finish()
  }
}
const settleOnce = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a client that goes away', () => {
  it.each(['pair', 'socket'] as const)('in the middle of its content, over a %s', async (kind) => {
    const handler = new Recorder()
    const harness = serve(handler)
    const client = await harness[kind]()
    await client.talk('HELO a', ...ENVELOPE)
    client.send('half a mess')
    await settle()
    client.stream.destroy()
    await settle()
    if (kind === 'pair') await harness.server.stop({ deadlineMs: 0 })
    expect(handler.calls).toEqual(['hello', 'mail', 'rcpt', 'content', 'sink.abort', 'reset', 'end'])
    expect(harness.server.sessions).toBe(0)
    expect(harness.faults()).toEqual([])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('with a reset, while its answer is on its way: end is the last that the handler hears', async () => {
    let answer: (given: Reply) => void = () => {}
    const handler = Object.assign(new Recorder(), {
      rcpt: () =>
        new Promise<Reply>((resolve) => {
          answer = resolve
        }),
    })
    const harness = serve(handler)
    const client = await harness.socket()
    await client.talk('HELO a', ENVELOPE[0])
    client.send(`${ENVELOPE[1]}\r\n`)
    await settle()
    if ('resetAndDestroy' in client.stream) (client.stream as unknown as { resetAndDestroy(): void }).resetAndDestroy()
    await settle()
    expect(handler.calls).toEqual(['hello', 'mail'])
    answer(OK)
    await settle()
    expect(handler.calls).toEqual(['hello', 'mail', 'reset', 'end'])
    expect(harness.server.sessions).toBe(0)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each(['pair', 'socket'] as const)(
    'having said all and closed its half: it gets its replies, over a %s',
    async (kind) => {
      const handler = new Slow()
      const harness = serve(handler)
      const client = await harness[kind]()
      await client.talk('HELO a', ...ENVELOPE)
      client.send('content\r\n.\r\nMAIL FROM:<>\r\n')
      client.stream.end()
      expect(await client.reply()).toBe('250 2.0.0 OK')
      expect(await client.reply()).toBe('250 2.0.0 OK')
      await client.end()
      await settle()
      expect(handler.calls).toEqual(['hello', 'mail', 'rcpt', 'content', 'sink.end', 'mail', 'reset', 'end'])
      expect(harness.of('session.closed')).toMatchObject([{ cause: 'peer', accepted: 1 }])
      await harness.server.stop({ deadlineMs: 0 })
    },
  )

  it('before it was served at all', async () => {
    const handler = new Recorder()
    const harness = serve(handler)
    const { stream, over } = connectTo(harness.server)
    stream.on('error', () => {})
    stream.destroy()
    await settle()
    await harness.server.stop({ deadlineMs: 0 })
    await over
    expect(handler.calls).toEqual(['end'])
  })
})

describe('a client that is slow', () => {
  it('is ended with 421 after 5 minutes without a command (RFC 5321 §4.5.3.2.7)', async () => {
    const harness = serve(new Recorder())
    const client = await harness.pair()
    await harness.clock.advance(290_000)
    expect(await client.talk('HELO a')).toEqual(['250 mx.example.net'])
    await harness.clock.advance(290_000)
    expect(client.unread).toBe('')
    await harness.clock.advance(12_000)
    expect(await client.reply()).toBe('421 4.4.2 mx.example.net Timeout')
    expect(await client.reply()).toBeUndefined()
    // It does not close its side: after a moment nobody waits for that.
    await harness.clock.advance(10_000)
    await settle()
    expect(harness.server.sessions).toBe(0)
    expect(harness.of('session.closed')).toMatchObject([{ cause: 'timeout' }])
  })

  it('gains nothing by dripping a command', async () => {
    const harness = serve(new Recorder())
    const client = await harness.pair()
    for (let minute = 0; minute < 5; minute += 1) {
      client.send('N')
      await settle()
      await harness.clock.advance(59_000)
    }
    client.send('N')
    await settle()
    await harness.clock.advance(10_000)
    expect(await client.reply()).toMatch(/^421 4\.4\.2 /)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('has 3 minutes for each block of content, and a session has an end (RFC 5321 §4.5.3.2.5)', async () => {
    const handler = new Recorder()
    const harness = serve(handler, { limits: { sessionLifetimeMs: 3_600_000 } })
    const client = await harness.pair()
    await client.talk('HELO a', ...ENVELOPE)
    for (let block = 0; block < 19; block += 1) {
      client.send('block\r\n')
      await settle()
      await harness.clock.advance(170_000)
      expect(client.unread).toBe('')
    }
    client.send('block\r\n')
    await settle()
    await harness.clock.advance(175_000)
    client.send('block\r\n')
    await settle()
    await harness.clock.advance(175_000)
    client.send('block\r\n')
    await settle()
    await harness.clock.advance(60_000)
    expect(await client.reply()).toMatch(/^421 4\.4\.2 /)
    expect(handler.calls.slice(-3)).toEqual(['sink.abort', 'reset', 'end'])
    await harness.server.stop({ deadlineMs: 0 })

    const silent = await harnessAtContent()
    await silent.harness.clock.advance(190_000)
    expect(await silent.client.reply()).toMatch(/^421 4\.4\.2 /)
    await silent.harness.server.stop({ deadlineMs: 0 })
  })
})

async function harnessAtContent(handler = new Recorder()) {
  const harness = serve(handler)
  const client = await harness.socket()
  await client.talk('HELO a', ...ENVELOPE)
  return { harness, client, handler }
}

describe('a client that sends and does not read', () => {
  it.each(['pair', 'socket'] as const)('is held back, then cut off, over a %s', async (kind) => {
    const harness = serve(new Recorder(), { limits: { maxIdleCommands: Infinity, maxUnauthenticatedBytes: Infinity } })
    const client = await harness[kind]()
    client.stream.pause()
    const burst = Buffer.from('NOOP\r\n'.repeat(10_000))
    let sent = 0
    for (let round = 0; round < 200 && client.stream.writableLength < 4_000_000; round += 1) {
      client.send(burst)
      sent += burst.length
      await settle()
    }
    // Most of it never got in.
    expect(client.stream.writableLength).toBeGreaterThan(0)
    await harness.clock.advance(310_000)
    await settle()
    const [closed] = harness.of('session.closed')
    expect(closed).toMatchObject({ cause: 'timeout' })
    expect(closed?.bytesReceived).toBeLessThan(sent)
    client.stream.destroy()
    await harness.server.stop({ deadlineMs: 0 })
  })
})

describe('a client that pipelines', () => {
  it.each([
    { name: 'answers at once', handler: new Recorder() },
    { name: 'takes its time', handler: new Slow() },
  ])('gets 10,000 answers in order from a handler that $name', async ({ handler }) => {
    const harness = serve(handler, { limits: { maxRecipients: 20_000, maxIdleCommands: 20_000 } })
    const client = await harness.socket()
    await client.talk('HELO a', ENVELOPE[0])
    client.send('RCPT TO:<ada@example.net>\r\nNOOP\r\n'.repeat(5_000))
    for (let count = 0; count < 10_000; count += 1) expect(await client.reply()).toBe('250 2.0.0 OK')
    expect(await client.talk('DATA')).toEqual([expect.stringMatching(/^354 /)])
    await harness.server.stop({ deadlineMs: 0 })
  })
})

describe('a sink that is slow', () => {
  it('holds the client back, and gets everything in order', async () => {
    let release: () => void = () => {}
    let hold = true
    let taken = 0
    const handler = new (class extends Recorder {
      override write(bytes: Uint8Array): void | Promise<void> {
        taken += bytes.length
        return hold
          ? new Promise((resolve) => {
              release = resolve
            })
          : undefined
      }
    })()
    const { harness, client } = await harnessAtContent(handler)
    const block = Buffer.from(`${'x'.repeat(70)}\r\n`.repeat(10_000))
    for (let count = 0; count < 20; count += 1) client.send(block)
    client.send('.\r\n')
    await settle()
    // The first piece is with the sink, one more may be here; the rest waits where it came from.
    expect(taken).toBeLessThanOrEqual(65_536)
    expect(client.stream.writableLength).toBeGreaterThan(1_000_000)
    hold = false
    release()
    expect(await client.reply()).toBe('250 2.0.0 OK')
    expect(taken).toBe(20 * block.length)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('that fails later refuses the message behind its end', async () => {
    const handler = new (class extends Recorder {
      override write(): Promise<void> {
        return settleOnce().then(() => Promise.reject(new Error('disk full')))
      }
    })()
    const { harness, client } = await harnessAtContent(handler)
    client.send('a\r\n')
    await settle()
    client.send('b\r\n.\r\nNOOP\r\n')
    expect(await client.reply()).toBe('451 4.3.0 Local error in processing')
    expect(await client.reply()).toBe('250 2.0.0 OK')
    expect(handler.calls).toEqual(['hello', 'mail', 'rcpt', 'content', 'sink.abort'])
    expect(harness.of('transaction.refused')).toMatchObject([
      { replies: [reply(451, '4.3.0', 'Local error in processing')] },
    ])
    await harness.server.stop({ deadlineMs: 0 })
  })
})
