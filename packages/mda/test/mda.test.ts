import { describe, expect, it } from 'vitest'
import { mailboxOf } from '@postroad/address'
import { fromLatin1, toLatin1 } from '@postroad/bytes'
import { describeDeliveryContract } from '@postroad/delivery/testing'
import { createMemoryDirectory } from '@postroad/directory/memory'
import { reply, type ContentSource } from '@postroad/envelope'
import { createMemoryMailstore } from '@postroad/mailstore/memory'
import { createManualClock } from '@postroad/runtime'
import type { SessionView } from '@postroad/smtp'
import { createLocalDelivery, createMda, type MdaEvent } from '../src/index.ts'

const VIEW: SessionView = {
  sessionId: 's1',
  protocol: 'lmtp',
  hostname: 'mda.example.org',
  remoteAddress: '127.0.0.1',
  remotePort: 1,
  localPort: 24,
  tls: undefined,
  hello: { verb: 'LHLO', name: 'relay.example.org' },
  account: undefined,
}

function open() {
  const mailstore = createMemoryMailstore()
  const events: MdaEvent[] = []
  const directory = createMemoryDirectory({
    accounts: [
      { name: 'ada', password: 'secret', mailboxes: ['ada@example.org'] },
      { name: 'bob', password: 'secret', mailboxes: ['bob@example.org'] },
    ],
    domains: { local: ['example.org'], relay: ['example.com'] },
    aliases: { 'team@example.org': ['ada@example.org'] },
  })
  const options = { directory, mailstore, observer: (event: MdaEvent) => void events.push(event) }
  const session = createMda({
    ...options,
    clock: createManualClock(),
    hostname: 'mda.example.org',
    postmaster: mailboxOf('postmaster@example.org'),
  })(VIEW)
  return { mailstore, events, directory, session, local: createLocalDelivery(options) }
}

const CONTENT = fromLatin1('From: eve@example.net\r\n\r\nbody\r\n')

async function take(session: ReturnType<typeof open>['session'], to: readonly string[]) {
  await session.mail({ reversePath: mailboxOf('eve@example.net') })
  for (const address of to) await session.rcpt({ forwardPath: mailboxOf(address) })
  const sink = await session.content()
  if (!('write' in sink)) throw new Error('no sink')
  return sink
}

describe('the delivery agent over LMTP', () => {
  it.each([
    ['ada@example.org', 250, '2.1.5'],
    ['ada+list@example.org', 250, '2.1.5'],
    ['nobody@example.org', 550, '5.1.1'],
    ['team@example.org', 550, '5.1.1'],
    ['x@example.com', 550, '5.7.1'],
    ['x@example.net', 550, '5.7.1'],
  ])('answers RCPT for %s with %i', async (text, code, status) => {
    const { session } = open()
    await session.mail({ reversePath: null })
    expect(await session.rcpt({ forwardPath: mailboxOf(text) })).toMatchObject({ code, status })
  })

  it('calls it no fault that a write was given up with the client', async () => {
    const { directory, events } = open()
    let fail: (error: Error) => void = () => {}
    const local = createMda({
      directory,
      mailstore: {
        begin: async () => ({
          kind: 'writer',
          write: () => new Promise((_, reject) => (fail = reject)),
          commit: async () => ({ location: 'nowhere' }),
          abort: async () => fail(new TypeError('The writer has ended.')),
        }),
      },
      observer: (event) => void events.push(event),
      clock: createManualClock(),
      hostname: 'mda.example.org',
      postmaster: mailboxOf('postmaster@example.org'),
    })(VIEW)
    const sink = await take(local, ['ada@example.org'])
    const writing = sink.write(CONTENT)
    sink.abort()
    await writing
    expect(events).toEqual([])
  })

  it('writes the message into each mailbox, with the reverse-path in front (RFC 5321 §4.4)', async () => {
    const { session, mailstore, events } = open()
    const sink = await take(session, ['ada@example.org', 'bob@example.org'])
    await sink.write(CONTENT)
    expect(await sink.end()).toMatchObject([{ code: 250 }, { code: 250 }])
    const [message] = mailstore.messages('bob')
    expect(toLatin1(message!.content)).toMatch(
      /^Return-Path: <eve@example\.net>\r\nDelivered-To: bob@example\.org\r\nReceived: from relay\.example\.org [^]* with LMTP[^]*\r\nFrom: eve@example\.net\r\n\r\nbody\r\n$/,
    )
    expect(events.map(({ type }) => type)).toEqual(['mailbox.delivered', 'mailbox.delivered'])
  })

  it('answers for each recipient: a full mailbox does not keep the other from its mail (RFC 2033 §4.2)', async () => {
    const { session, mailstore } = open()
    mailstore.refuse('ada', reply(452, '4.2.2', 'full'))
    const sink = await take(session, ['ada@example.org', 'bob@example.org'])
    await sink.write(CONTENT)
    expect(await sink.end()).toMatchObject([{ code: 452 }, { code: 250 }])
    expect(mailstore.messages('ada')).toEqual([])
    expect(mailstore.messages('bob')).toHaveLength(1)
  })

  it.each(['begin', 'write', 'commit'] as const)('defers where the mailstore breaks at %s', async (when) => {
    const { session, mailstore, events } = open()
    if (when === 'begin') mailstore.breakDown(true)
    const sink = await take(session, ['ada@example.org'])
    if (when === 'write') mailstore.breakDown(true)
    await sink.write(CONTENT)
    if (when === 'commit') mailstore.breakDown(true)
    expect(await sink.end()).toMatchObject([{ code: 451 }])
    expect(events).toMatchObject([{ type: 'mailbox.fault', account: 'ada' }])
  })

  it('leaves no trace of what was given up', async () => {
    const { session, mailstore } = open()
    const sink = await take(session, ['ada@example.org'])
    await sink.write(CONTENT)
    sink.abort()
    session.reset?.()
    expect(mailstore.accounts()).toEqual([])
    expect(await session.content()).toMatchObject({ code: 503 })
  })
})

const source = (bytes: Uint8Array): ContentSource => ({
  facts: {
    sizeBytes: bytes.length,
    headerBytes: bytes.length,
    eightBit: false,
    binary: false,
    utf8Header: false,
    longestLineBytes: 0,
    dotLines: 0,
    endsWithCrlf: true,
  },
  async *open() {
    yield bytes
  },
})

describe('the local delivery', () => {
  it('gives each recipient its outcome', async () => {
    const { local, mailstore } = open()
    mailstore.refuse('bob', reply(452, '4.2.2', 'full'))
    const told: string[] = []
    const report = await local.deliver({
      envelope: {
        reversePath: null,
        recipients: ['ada', 'nobody', 'bob'].map((name) => ({ mailbox: mailboxOf(`${name}@example.org`) })),
      },
      content: source(CONTENT),
      destination: { transport: 'local' },
      signal: new AbortController().signal,
      onOutcome: (index, { kind }) => void told.push(`${index} ${kind}`),
    })
    expect(report.outcomes.map(({ kind }) => kind)).toEqual(['delivered', 'failed', 'deferred'])
    expect(told).toEqual(['0 delivered', '1 failed', '2 deferred'])
    expect(toLatin1(mailstore.messages('ada')[0]!.content)).toMatch(/^Return-Path: <>\r\nDelivered-To: ada@/)
  })

  it('delivers once what is delivered again under the same key', async () => {
    const { local, mailstore } = open()
    for (let round = 0; round < 2; round += 1) {
      await local.deliver({
        envelope: { reversePath: null, recipients: [{ mailbox: mailboxOf('ada@example.org') }] },
        content: source(CONTENT),
        destination: { transport: 'local' },
        signal: new AbortController().signal,
        key: 'M',
      })
    }
    expect(mailstore.messages('ada')).toHaveLength(1)
  })

  it('rejects where the content cannot be read, and leaves no trace', async () => {
    const { local, mailstore } = open()
    const broken: ContentSource = {
      ...source(CONTENT),
      async *open() {
        yield CONTENT
        throw new Error('gone')
      },
    }
    const delivering = local.deliver({
      envelope: { reversePath: null, recipients: [{ mailbox: mailboxOf('ada@example.org') }] },
      content: broken,
      destination: { transport: 'local' },
      signal: new AbortController().signal,
    })
    await expect(delivering).rejects.toThrow('gone')
    expect(mailstore.accounts()).toEqual([])
  })

  it('defers where the directory is away', async () => {
    const { mailstore, directory } = open()
    const local = createLocalDelivery({
      mailstore,
      directory: { ...directory, recipient: () => Promise.reject(new Error('away')) },
    })
    const { outcomes } = await local.deliver({
      envelope: { reversePath: null, recipients: [{ mailbox: mailboxOf('ada@example.org') }] },
      content: source(CONTENT),
      destination: { transport: 'local' },
      signal: new AbortController().signal,
    })
    expect(outcomes).toMatchObject([{ kind: 'deferred' }])
  })
})

describeDeliveryContract('the local delivery', {
  async open(behave) {
    const mailstore = createMemoryMailstore()
    const never = new Promise<never>(() => undefined)
    const delivery = createLocalDelivery({
      mailstore: {
        begin(request) {
          switch (behave(`${request.account}@example.org`)) {
            case 'accept':
              return mailstore.begin({ ...request, prefix: new Uint8Array() })
            case 'defer':
              return Promise.resolve({ kind: 'refused', reply: reply(452, '4.2.2', 'full') })
            case 'refuse':
              return Promise.resolve({ kind: 'refused', reply: reply(550, '5.2.1', 'closed') })
            case 'silent':
              return never
          }
        },
      },
      directory: {
        authenticate: async () => undefined,
        maySendAs: async () => false,
        domain: async () => 'local',
        recipient: async (known) => ({ kind: 'mailbox', account: known.localPart }),
      },
    })
    return {
      delivery,
      destination: { transport: 'local' },
      received: async () =>
        mailstore.accounts().flatMap((name) => mailstore.messages(name).map(({ content }) => content)),
      close: async () => undefined,
    }
  },
})
