import { binaryMime, EXTENSIONS } from '@postroad/smtp'
import { describe, expect, it } from 'vitest'
import { ENVELOPE, FAULT, OK, Recorder, serve, settle } from './harness.ts'
import type { Harness } from './harness.ts'

const [MAIL, RCPT] = ENVELOPE

async function atEnvelope(handler = new Recorder(), options: Parameters<typeof serve>[1] = {}) {
  const harness: Harness = serve(handler, options)
  const client = await harness.pair()
  await client.talk('EHLO a', MAIL, RCPT)
  return { harness, client, handler }
}

describe('content by BDAT (RFC 3030 §2)', () => {
  it.each(['pair', 'socket'] as const)('comes with its envelope in one flight, over a %s', async (kind) => {
    const handler = new Recorder()
    const harness = serve(handler)
    const client = await harness[kind]()
    await client.talk('EHLO a')
    client.send(`${MAIL}\r\n${RCPT}\r\nBDAT 3\r\na\r\nBDAT 0\r\nBDAT 4 LAST\r\nb.\r\nQUIT\r\n`)
    const codes: (string | undefined)[] = []
    for (let reply = await client.reply(); reply !== undefined; reply = await client.reply())
      codes.push(reply.slice(0, 3))
    expect(codes).toEqual(['250', '250', '250', '250', '250', '221'])
    expect(handler.content_).toBe('a\r\nb.\r\n')
    expect(handler.calls).toEqual(['hello', 'mail', 'rcpt', 'content', 'sink.end', 'end'])
    expect(harness.of('transaction.accepted')).toMatchObject([{ sizeBytes: 7, recipients: 1 }])
    client.stream.end()
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('is any octets with BODY=BINARYMIME (RFC 3030 §3)', async () => {
    const handler = new Recorder()
    const harness = serve(handler, { extensions: [...EXTENSIONS, binaryMime] })
    const client = await harness.pair()
    await client.talk('EHLO a', `${MAIL} BODY=BINARYMIME`, RCPT)
    const octets = '\0\r\n.\r\n\n\r\xff'
    client.send(`BDAT ${octets.length} LAST\r\n${octets}`)
    expect(await client.reply()).toBe('250 2.0.0 OK')
    expect(handler.content_).toBe(octets)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('is answered 250 behind its chunk only once the sink has taken that', async () => {
    let take: () => void = () => {}
    const handler = new (class extends Recorder {
      override write(): Promise<void> {
        return new Promise((resolve) => {
          take = resolve
        })
      }
    })()
    const { harness, client } = await atEnvelope(handler)
    client.send('BDAT 3\r\na\r\n')
    await settle()
    expect(client.unread).toBe('')
    take()
    expect(await client.reply()).toMatch(/^250 /)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each([
    { how: 'RSET', end: 'RSET\r\n', calls: ['sink.abort', 'reset'] },
    { how: 'a new hello', end: 'EHLO b\r\n', calls: ['hello', 'sink.abort', 'reset'] },
    { how: 'QUIT', end: 'QUIT\r\n', calls: ['sink.abort', 'reset', 'end'] },
  ])('is given up by $how between two chunks', async ({ end, calls }) => {
    const { harness, client, handler } = await atEnvelope()
    client.send('BDAT 3\r\na\r\n')
    await client.reply()
    client.send(end)
    expect(await client.reply()).toMatch(/^2/)
    client.stream.end()
    await settle()
    expect(handler.calls.slice(4, 4 + calls.length)).toEqual(calls)
    expect(harness.of('transaction.accepted')).toEqual([])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('is given up by a client that goes away in a chunk', async () => {
    const { harness, client, handler } = await atEnvelope()
    client.send('BDAT 1000\r\na\r\n')
    await settle()
    client.stream.destroy()
    await settle()
    expect(handler.calls.slice(-3)).toEqual(['sink.abort', 'reset', 'end'])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('fails with the sink: 451 to its chunk, 503 to the next, and RSET begins anew', async () => {
    const handler = new (class extends Recorder {
      override write(bytes: Uint8Array): Promise<void> | void {
        void super.write(bytes)
        if (this.content_.includes('fail')) return Promise.reject(new Error('disk full'))
        return undefined
      }
    })()
    const { harness, client } = await atEnvelope(handler)
    client.send('BDAT 3\r\na\r\nBDAT 6\r\nfail\r\nBDAT 4\r\nmore')
    expect(await client.reply()).toMatch(/^250 /)
    expect(await client.reply()).toBe(FAULT)
    expect(await client.reply()).toMatch(/^503 5\.5\.1 /)
    expect(handler.calls.filter((call) => call === 'sink.abort')).toHaveLength(1)
    handler.content_ = ''
    expect(await client.talk('RSET', MAIL, RCPT)).toEqual(['250 2.0.0 OK', '250 2.0.0 OK', '250 2.0.0 OK'])
    client.send('BDAT 3 LAST\r\na\r\n')
    expect(await client.reply()).toBe('250 2.0.0 OK')
    expect(harness.of('transaction.refused')).toHaveLength(1)
    expect(harness.of('transaction.accepted')).toHaveLength(1)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('is refused by the handler behind the octets that were announced', async () => {
    const handler = Object.assign(new Recorder(), { content: () => ({ ...OK, code: 452, lines: ['No room'] }) })
    const { harness, client } = await atEnvelope(handler)
    client.send('BDAT 6 LAST\r\nMAIL F')
    expect(await client.reply()).toBe('452 2.0.0 No room')
    expect(await client.talk('NOOP')).toEqual(['250 2.0.0 OK'])
    await harness.server.stop({ deadlineMs: 0 })
  })
})

describe('a client that is slow between its chunks', () => {
  it('wastes the time of its one message: chunks do not begin it anew', async () => {
    const { harness, client } = await atEnvelope()
    for (let count = 0; count < 3; count += 1) {
      client.send('BDAT 3\r\na\r\n')
      expect(await client.reply()).toMatch(/^250 /)
      await harness.clock.advance(58_000)
      expect(client.closed).toBe(false)
    }
    await harness.clock.advance(20_000)
    expect(await client.reply()).toMatch(/^421 4\.4\.2 /)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('is cut off behind 2 hours of one message, however fast it is', async () => {
    const { harness, client, handler } = await atEnvelope()
    const block = Buffer.from(`BDAT 100002\r\n${'x'.repeat(100_000)}\r\n`)
    for (let minute = 0; minute < 119; minute += 1) {
      client.send(block)
      expect(await client.reply()).toMatch(/^250 /)
      await harness.clock.advance(60_000)
      expect(client.closed).toBe(false)
    }
    await harness.clock.advance(70_000)
    expect(await client.reply()).toMatch(/^421 4\.4\.2 /)
    expect(handler.calls.slice(-3)).toEqual(['sink.abort', 'reset', 'end'])
    await harness.server.stop({ deadlineMs: 0 })
  })
})

describe('a client that makes one mistake after the other', () => {
  it('waits longer and longer for its replies, in the end for 421', async () => {
    const harness = serve(new Recorder())
    const client = await harness.pair()
    expect(await client.talk('A', 'B', 'C', 'D', 'E')).toHaveLength(5)
    const waits: number[] = []
    for (let mistake = 6; mistake <= 20; mistake += 1) {
      client.send('WHAT\r\n')
      await settle()
      let waited = 0
      while (client.unread === '' && waited < 20_000) {
        await harness.clock.advance(500)
        await settle()
        waited += 500
      }
      waits.push(waited / 1_000)
      expect(await client.reply()).toMatch(mistake === 20 ? /^421 4\.7\.0 / : /^500 5\.5\.2 /)
    }
    expect(waits.slice(0, 12)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10])
    expect(await client.reply()).toBeUndefined()
    await harness.server.stop({ deadlineMs: 0 })
  })

  const held = async () => {
    const harness = serve(new Recorder(), { limits: { errorDelayMs: 5_000 } })
    const client = await harness.socket()
    await client.talk('A', 'B', 'C', 'D', 'E')
    client.send('WHAT\r\n')
    await expect.poll(() => harness.clock.sleeping).toBe(2)
    return { harness, client }
  }

  it('is not read from meanwhile', async () => {
    const { harness, client } = await held()
    const burst = Buffer.from('NOOP\r\n'.repeat(20_000))
    for (let count = 0; count < 200 && client.stream.writableLength < 4_000_000; count += 1) {
      client.send(burst)
      await settle()
    }
    expect(client.stream.writableLength).toBeGreaterThan(0)
    expect(client.unread).toBe('')
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each(['stop', 'abandon'] as const)('is let go at once where the server stops (%s)', async (how) => {
    const { harness, client } = await held()
    const stopped = harness.server.stop({ deadlineMs: how === 'stop' ? 60_000 : 0 })
    if (how === 'stop') {
      expect(await client.reply()).toMatch(/^500 /)
      expect(await client.reply()).toMatch(/^421 4\.3\.2 /)
      client.stream.end()
    }
    await stopped
    expect(harness.of('session.closed')).toHaveLength(1)
    expect(harness.clock.sleeping).toBe(0)
  })

  it('may go away meanwhile: that is seen behind the wait', async () => {
    const { harness, client } = await held()
    client.stream.destroy()
    await settle()
    await harness.clock.advance(5_000)
    await expect.poll(() => harness.server.sessions).toBe(0)
    expect(harness.of('session.closed')).toMatchObject([{ cause: 'peer' }])
    await harness.server.stop({ deadlineMs: 0 })
  })
})

it('serves 1,000 clients at once, then stops', async () => {
  const harness = serve(() => new Recorder(), { limits: { maxSessions: 1_000 } })
  const clients = await Promise.all(Array.from({ length: 1_000 }, () => harness.socket()))
  expect(harness.server.sessions).toBe(1_000)
  await Promise.all(clients.map((client) => client.talk('HELO a')))
  const stopped = harness.server.stop({ deadlineMs: 60_000 })
  for (const client of clients) {
    expect(await client.reply()).toMatch(/^421 4\.3\.2 /)
    client.stream.end()
  }
  await stopped
  expect(harness.of('session.closed')).toHaveLength(1_000)
  expect(harness.clock.sleeping).toBe(0)
})
