import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { SmtpServerError } from '../src/index.ts'
import { ENVELOPE, FAULT, OK, Recorder, serve, settle } from './harness.ts'
import type { LineClient } from '../src/testing/index.ts'

/** RFC 4954 §6 */
const UNAVAILABLE = '454 4.7.0 Temporary authentication failure'
const broken = (): never => {
  throw new Error('broken')
}
const rejects = (): Promise<never> => Promise.reject(new Error('broken'))

async function send(client: LineClient): Promise<(string | undefined)[]> {
  const replies = await client.talk('HELO a')
  if (replies[0]?.startsWith('4')) return replies
  for (const line of ENVELOPE) {
    replies.push(...(await client.talk(line)))
    if (!replies.at(-1)?.startsWith('2') && !replies.at(-1)?.startsWith('354')) return replies
  }
  client.send('content\r\n.\r\n')
  replies.push(await client.reply())
  return replies
}

describe('a handler that fails', () => {
  const wrong = (): Reply => reply(354, undefined, 'not here')
  const cases = [
    ...(['hello', 'mail', 'rcpt', 'content', 'finish', 'write'] as const).flatMap((method) => [
      { method, how: 'throws', replace: broken },
      { method, how: 'rejects', replace: rejects },
    ]),
    ...(['mail', 'rcpt', 'finish'] as const).flatMap((method) => [
      { method, how: 'answers nothing', replace: () => undefined },
      { method, how: 'answers 354', replace: wrong },
      { method, how: 'answers later with nothing', replace: () => Promise.resolve() },
    ]),
    { method: 'content' as const, how: 'accepts without a sink', replace: () => OK },
    { method: 'finish' as const, how: 'gives two replies for one', replace: () => [OK, OK] },
  ]

  it.each(cases)('$how at $method: 451, a fault told, and the session goes on', async ({ method, replace }) => {
    const handler = Object.assign(new Recorder(), { [method]: replace })
    const harness = serve(handler)
    const client = await harness.pair()
    const replies = await send(client)
    // No reply to a hello carries an enhanced status code (RFC 2034 §4).
    expect(replies.at(-1)).toBe(method === 'hello' ? FAULT.replace(' 4.3.0', '') : FAULT)
    expect(harness.faults()).toHaveLength(1)
    expect(await client.talk('NOOP')).toEqual(['250 2.0.0 OK'])
    expect(harness.of('transaction.accepted')).toEqual([])
    client.stream.end()
    await settle()
    const { calls } = handler
    expect(calls.at(-1)).toBe('end')
    expect(calls.filter((call) => call === 'end')).toHaveLength(1)
    if (method === 'write') expect(calls).toContain('sink.abort')
    if (method === 'finish') expect(calls).not.toContain('sink.abort')
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('fails at the greeting: 421, and the session ends', async () => {
    const harness = serve(Object.assign(new Recorder(), { connection: broken }))
    const client = await harness.pair()
    expect(await client.reply()).toBeUndefined()
    expect(harness.faults()).toHaveLength(1)
    client.stream.end()
    await harness.server.stop({ deadlineMs: 0 })
    expect(harness.of('session.closed')).toMatchObject([{ cause: 'refused' }])
  })

  it.each([
    { method: 'reset', what: 'throws', fails: broken },
    { method: 'end', what: 'throws', fails: broken },
    // Nobody waits for it.
    { method: 'reset', what: 'rejects', fails: rejects },
    { method: 'end', what: 'rejects', fails: rejects },
  ])('$what at $method: told, and nothing else', async ({ method, fails }) => {
    const harness = serve(Object.assign(new Recorder(), { [method]: fails }))
    const client = await harness.pair()
    await client.talk('HELO a', ENVELOPE[0], 'RSET', 'QUIT')
    await client.end()
    await settle()
    expect(harness.faults()).toMatchObject([{ message: 'broken' }])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('rejects where its sink is to give up: told, and nothing else', async () => {
    const sink = { write: () => {}, end: () => OK, abort: rejects }
    const harness = serve(Object.assign(new Recorder(), { content: () => sink }))
    const client = await harness.pair()
    await client.talk('HELO a', ...ENVELOPE)
    client.stream.destroy()
    await settle()
    expect(harness.faults()).toMatchObject([{ message: 'broken' }])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each([
    { how: 'throws', answer: UNAVAILABLE, authenticate: broken },
    { how: 'rejects', answer: UNAVAILABLE, authenticate: rejects },
    {
      how: 'refuses with a reply that accepts',
      answer: UNAVAILABLE,
      authenticate: () => Promise.resolve({ kind: 'refused', reply: OK }),
    },
  ])('$how at authenticate: $answer, and nobody is let in', async ({ answer, authenticate }) => {
    const harness = serve(Object.assign(new Recorder(), { authenticate }), {
      mechanisms: ['PLAIN'],
      allowPlaintextAuth: true,
    })
    const client = await harness.pair()
    expect(await client.talk('HELO a', 'AUTH PLAIN AGFkYQBzZWNyZXQ=')).toEqual(['250 mx.example.net', answer])
    expect(harness.faults()).toHaveLength(1)
    expect(harness.sessions[0]?.account).toBeUndefined()
    expect(harness.of('session.authenticated')).toEqual([])
    // AUTH may be tried again: it has not succeeded.
    expect(await client.talk('AUTH PLAIN')).toEqual(['334 '])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('never answers: 451 and 421 after its time, and what it answers then is too late', async () => {
    let answer: (given: Reply) => void = () => {}
    const handler = Object.assign(new Recorder(), {
      finish: () =>
        new Promise<Reply>((resolve) => {
          answer = resolve
        }),
    })
    const harness = serve(handler)
    const client = await harness.pair()
    await client.talk('HELO a', ...ENVELOPE)
    client.send('content\r\n.\r\nNOOP\r\n')
    await settle()
    await harness.clock.advance(8 * 60_000)
    expect(client.unread).toBe('')
    await harness.clock.advance(2 * 60_000)
    expect(await client.reply()).toBe(FAULT)
    expect(await client.reply()).toMatch(/^421 4\.3\.0 /)
    expect(await client.reply()).toBeUndefined()
    expect(harness.faults()[0]).toBeInstanceOf(SmtpServerError)
    answer(OK)
    client.stream.end()
    await settle()
    expect(harness.of('transaction.accepted')).toEqual([])
    expect(harness.of('transaction.refused')).toHaveLength(1)
    expect(handler.calls).toEqual(['hello', 'mail', 'rcpt', 'content', 'sink.end', 'end'])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('never judges a password: 454 and 421 after its time (RFC 4954 §6)', async () => {
    const harness = serve(Object.assign(new Recorder(), { authenticate: () => new Promise<never>(() => {}) }), {
      mechanisms: ['PLAIN'],
      allowPlaintextAuth: true,
    })
    const client = await harness.pair()
    await client.talk('EHLO a')
    client.send('AUTH PLAIN AGFkYQBzZWNyZXQ=\r\n')
    await settle()
    await harness.clock.advance(10 * 60_000)
    expect(await client.reply()).toBe(UNAVAILABLE)
    expect(await client.reply()).toMatch(/^421 4\.3\.0 /)
    await harness.server.stop({ deadlineMs: 0 })
  })
})
