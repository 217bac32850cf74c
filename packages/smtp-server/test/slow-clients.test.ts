import type { ManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import type { LineClient } from '../src/testing/index.ts'
import { certificate } from './certificate.ts'
import { atContent, ENVELOPE, Recorder, serve, settle } from './harness.ts'

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

  it.each([200, 5_000, 60_000])('has %i ms to close its side behind the last reply, as is set', async (lingerMs) => {
    const harness = serve(new Recorder(), { limits: { lingerMs } })
    const client = await harness.pair()
    expect(await client.talk('QUIT')).toEqual([expect.stringMatching(/^221 /)])
    expect(await client.reply()).toBeUndefined()
    const step = Math.min(5_000, lingerMs / 4)
    for (let waited = 0; waited < lingerMs; waited += step) {
      expect(harness.server.sessions).toBe(1)
      await harness.clock.advance(step)
    }
    await harness.clock.advance(step)
    await settle()
    expect(harness.server.sessions).toBe(0)
    expect(harness.of('session.closed')).toMatchObject([{ cause: 'quit' }])
  })

  it.each([1_000, 30_000])('has %i ms left for its handshake once the server stops, as is set', async (lingerMs) => {
    const limits = { lingerMs, handshakeTimeoutMs: 10 * 60_000 }
    const harness = serve(new Recorder(), { limits, tls: await certificate() })
    const client = await harness.pair()
    await client.talk('EHLO a', 'STARTTLS')
    await harness.clock.advance(120_000)
    expect(harness.server.sessions).toBe(1)
    const stopped = harness.server.stop({ deadlineMs: 3_600_000 })
    await harness.clock.advance(lingerMs - 1)
    await settle()
    expect(harness.server.sessions).toBe(1)
    await harness.clock.advance(5_001)
    await stopped
    expect(harness.of('session.closed')).toMatchObject([{ cause: 'handshake' }])
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
    const harness = serve(handler, { limits: { sessionLifetimeMs: 3_600_000, minContentBytesPerSecond: 0 } })
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

    const silent = await atContent()
    await silent.harness.clock.advance(190_000)
    expect(await silent.client.reply()).toMatch(/^421 4\.4\.2 /)
    await silent.harness.server.stop({ deadlineMs: 0 })
  })
})

describe('a client that drips its content', () => {
  const drip = async (client: LineClient, clock: ManualClock, bytes: number, everyMs: number): Promise<void> => {
    client.send(`${'x'.repeat(bytes - 2)}\r\n`)
    await settle()
    await clock.advance(everyMs)
    await settle()
  }

  it.each([
    { bytes: 3, everyMs: 120_000 },
    { bytes: 1_000, everyMs: 30_000 },
    { bytes: 30_000, everyMs: 175_000 },
  ])('with $bytes bytes every $everyMs ms is cut off, however long a session may last', async ({ bytes, everyMs }) => {
    const { harness, client, handler } = await atContent(new Recorder(), 'pair')
    for (let count = 0; count < 10 && client.unread === ''; count += 1)
      await drip(client, harness.clock, bytes, everyMs)
    expect(await client.reply()).toBe('421 4.4.2 mx.example.net Timeout')
    await client.end()
    expect(handler.calls.slice(-3)).toEqual(['sink.abort', 'reset', 'end'])
    expect(harness.of('session.closed')).toMatchObject([{ cause: 'timeout' }])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('gains no time to waste by having been fast', async () => {
    const { harness, client } = await atContent(new Recorder(), 'pair')
    for (let count = 0; count < 50; count += 1) client.send('x'.repeat(100_000))
    await settle()
    for (let count = 0; count < 4; count += 1) await drip(client, harness.clock, 3, 60_000)
    expect(await client.reply()).toMatch(/^421 4\.4\.2 /)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('is slow as a modem was, and is served', async () => {
    const { harness, client } = await atContent(new Recorder(), 'pair')
    for (let minute = 0; minute < 60; minute += 1) await drip(client, harness.clock, 60 * 600, 60_000)
    client.send('.\r\n')
    expect(await client.reply()).toBe('250 2.0.0 OK')
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('has its whole time anew with each message', async () => {
    const { harness, client } = await atContent(new Recorder(), 'pair')
    await drip(client, harness.clock, 3, 150_000)
    client.send(`.\r\n${ENVELOPE.join('\r\n')}\r\n`)
    for (const code of ['250', '250', '250', '354']) expect((await client.reply())?.slice(0, 3)).toBe(code)
    await drip(client, harness.clock, 3, 150_000)
    client.send('.\r\n')
    expect(await client.reply()).toBe('250 2.0.0 OK')
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('is not blamed for the time that our side takes', async () => {
    const handler = new (class extends Recorder {
      readonly waiting: (() => void)[] = []
      override write(): Promise<void> {
        return new Promise((resolve) => void this.waiting.push(resolve))
      }
    })()
    const { harness, client } = await atContent(handler, 'pair')
    for (let count = 0; count < 6; count += 1) {
      client.send('text\r\n')
      await settle()
      await harness.clock.advance(100_000)
      handler.waiting.shift()?.()
      await settle()
    }
    client.send('.\r\n')
    expect(await client.reply()).toBe('250 2.0.0 OK')
    await harness.server.stop({ deadlineMs: 0 })
  })
})
