import { describe, expect, it } from 'vitest'
import { mailboxOf } from '@postroad/address'
import { fromLatin1 } from '@postroad/bytes'
import { createMemoryDirectory } from '@postroad/directory/memory'
import { createIntake, workItemCodec, type WorkItem } from '@postroad/intake'
import { createMemoryStore } from '@postroad/queue/memory'
import { createRoutes } from '@postroad/routes'
import { createManualClock, createSeededRandom } from '@postroad/runtime'
import type { SessionView } from '@postroad/smtp'
import { createMta } from '../src/index.ts'

const VIEW: SessionView = {
  sessionId: 's1',
  protocol: 'smtp',
  hostname: 'mx.example.org',
  remoteAddress: '2001:db8::5',
  remotePort: 1,
  localPort: 25,
  tls: undefined,
  hello: { verb: 'EHLO', name: 'mail.example.net' },
  account: undefined,
}

function open(maxRecipients?: number) {
  const clock = createManualClock()
  const random = createSeededRandom(1)
  const store = createMemoryStore<WorkItem>({ clock, random, codec: workItemCodec })
  const directory = createMemoryDirectory({
    accounts: [{ name: 'ada', password: 'secret', mailboxes: ['ada@example.org'] }],
    domains: { local: ['example.org'], relay: ['example.com'] },
    aliases: { 'away@example.org': ['ada@example.net'] },
  })
  const intake = createIntake({ store, directory, routes: createRoutes(), clock, random, hostname: 'mx.example.org' })
  const session = createMta({
    intake,
    postmaster: mailboxOf('postmaster@example.org'),
    ...(maxRecipients !== undefined && { maxRecipients }),
  })(VIEW)
  return { session, store }
}

describe('the border', () => {
  it.each([
    ['ada@example.org', { code: 250 }],
    ['anybody@example.com', { code: 250 }],
    ['away@example.org', { code: 250 }],
    ['nobody@example.org', { code: 550, status: '5.1.1' }],
    ['ada@example.net', { code: 550, status: '5.7.1' }],
  ])('answers RCPT for %s', async (text, expected) => {
    const { session } = open()
    await session.mail({ reversePath: mailboxOf('eve@example.net') })
    expect(await session.rcpt({ forwardPath: mailboxOf(text) })).toMatchObject(expected)
  })

  it('takes mail for postmaster without a domain (RFC 5321 §4.5.1)', async () => {
    const { session } = open()
    await session.mail({ reversePath: null })
    expect(await session.rcpt({ forwardPath: 'postmaster' })).toMatchObject({ code: 250 })
  })

  it('limits the number of recipients (RFC 5321 §4.5.3.1.10)', async () => {
    const { session } = open(1)
    await session.mail({ reversePath: null })
    await session.rcpt({ forwardPath: mailboxOf('ada@example.org') })
    expect(await session.rcpt({ forwardPath: mailboxOf('x@example.com') })).toMatchObject({
      code: 452,
      status: '4.5.3',
    })
  })

  it('answers the end of data when the message is durable (RFC 5321 §6.1)', async () => {
    const { session, store } = open()
    await session.mail({ reversePath: mailboxOf('eve@example.net'), size: 100, body: '8bitmime' })
    await session.rcpt({ forwardPath: mailboxOf('ada@example.org') })
    const sink = await session.content()
    if (!('write' in sink)) throw new Error('no sink')
    await sink.write(fromLatin1('From: eve@example.net\r\n\r\nbody\r\n'))
    expect(await sink.end()).toMatchObject({ code: 250, status: '2.0.0' })
    const [lease] = await store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })
    expect(lease?.job).toMatchObject({ body: '8bitmime', destination: { transport: 'local' } })
  })

  it('keeps nothing of a transaction that was reset', async () => {
    const { session } = open()
    await session.mail({ reversePath: null })
    session.reset?.()
    expect(await session.rcpt({ forwardPath: mailboxOf('ada@example.org') })).toMatchObject({ code: 503 })
    expect(await session.content()).toMatchObject({ code: 503 })
  })
})
