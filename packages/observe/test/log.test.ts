import { describe, expect, it } from 'vitest'
import { mailboxOf } from '@postroad/address'
import { entryId, groupId, messageId, reply } from '@postroad/envelope'
import type { SessionView } from '@postroad/smtp'
import {
  createLog,
  observeClient,
  observeIntake,
  observeMda,
  observeRelay,
  observeServer,
  observeStore,
} from '../src/index.ts'
import type { LogOptions } from '../src/index.ts'

function capture(options: Partial<LogOptions> = {}) {
  const written: string[] = []
  const log = createLog({ level: 'debug', destination: { write: (line) => void written.push(line) }, ...options })
  return { log, written, lines: (): Record<string, unknown>[] => written.map((line) => JSON.parse(line)) }
}

const SESSION: SessionView = {
  sessionId: 's1',
  protocol: 'submission',
  hostname: 'mail.example.org',
  remoteAddress: '192.0.2.1',
  remotePort: 5,
  localPort: 587,
  tls: { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
  hello: { verb: 'EHLO', name: 'client' },
  account: 'ada',
}

describe('the log', () => {
  it('writes one JSON line for each fact', () => {
    const { log, lines } = capture()
    log.info({ event: 'a.b', messageId: 'M' }, 'a sentence')
    expect(lines()).toMatchObject([{ level: 'info', event: 'a.b', messageId: 'M', msg: 'a sentence' }])
    expect(lines()[0]).not.toHaveProperty('pid')
  })

  it('writes nothing below its level', () => {
    const { log, written } = capture({ level: 'warn' })
    log.info({ event: 'a' }, 'no')
    expect(written).toEqual([])
    expect(log.isLevelEnabled('info')).toBe(false)
  })

  it('describes errors with code and causes, and with their place only where there is no code', () => {
    const { log, lines } = capture()
    log.error({ event: 'a', error: Object.assign(new Error('x', { cause: new Error('y') }), { code: 'X_Y' }) }, 'b')
    log.error({ event: 'a', error: 'text' }, 'b')
    expect(lines()[0]?.['error']).toMatchObject({ message: 'x', code: 'X_Y', cause: { message: 'y' } })
    expect(lines()[0]?.['error']).not.toHaveProperty('stack')
    expect(lines()[1]?.['error']).toBe('text')
  })

  it('writes lines for people where asked', () => {
    const { log, written } = capture({ pretty: true })
    log.info({ event: 'a.b', recipient: 'x@example.org', attempt: 2 }, 'delivered')
    expect(written[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} info {2}a\.b delivered recipient=x@example\.org attempt=2\n$/)
  })
})

describe('lines of the mail core', () => {
  it('has a line for each accepted message', () => {
    const { log, lines } = capture()
    observeIntake(log)({
      type: 'message.accepted',
      message: messageId('M'),
      reversePath: null,
      account: 'ada',
      recipients: 2,
      entries: [{ id: entryId('M.0'), group: groupId('local') }],
      headerMessageId: '1@example.org',
      sizeBytes: 10,
      durationMs: 3,
    })
    expect(lines()).toMatchObject([
      { event: 'message.accepted', messageId: 'M', reversePath: '<>', destinations: ['local'], sizeBytes: 10 },
    ])
  })

  it('has a line for each recipient and attempt', () => {
    const { log, lines } = capture()
    const observer = observeRelay(log)
    const common = {
      type: 'attempt.finished',
      message: messageId('M'),
      entry: entryId('M.0'),
      group: groupId('mx:example.net'),
      recipient: { mailbox: mailboxOf('bob@example.net') },
      peer: undefined,
      attempt: 0,
      delayMs: 12.4,
      durationMs: 3.6,
      notBefore: undefined,
    } as const
    observer({ ...common, outcome: { kind: 'delivered', reply: reply(250, '2.0.0', 'OK') } })
    observer({ ...common, outcome: { kind: 'unknown', status: '4.4.2' }, notBefore: 5 })
    expect(lines()).toMatchObject([
      { messageId: 'M', recipient: 'bob@example.net', outcome: 'delivered', status: '2.0.0', reply: '250 2.0.0 OK' },
      { outcome: 'unknown', status: '4.4.2', notBefore: 5, delayMs: 12, durationMs: 4 },
    ])
  })

  it('has a line for everything else a relay, an mda and a store report', () => {
    const { log, lines } = capture()
    const relay = observeRelay(log)
    const message = messageId('M')
    const recipients = [{ mailbox: mailboxOf('bob@example.net') }]
    relay({ type: 'report.sent', message, report: messageId('R'), action: 'failed', recipients })
    relay({ type: 'report.dropped', message, reason: 'the reverse-path is null' })
    relay({ type: 'lease.lost', message, entry: entryId('M.0') })
    relay({ type: 'attempt.recovered', message, entry: entryId('M.0'), attempt: 1 })
    relay({ type: 'fault', message: undefined, error: new Error('x') })
    observeMda(log)({
      type: 'mailbox.delivered',
      account: 'ada',
      recipient: recipients[0]!.mailbox,
      key: 'M',
      location: '/m',
    })
    observeMda(log)({ type: 'mailbox.fault', account: 'ada', error: new Error('x') })
    observeStore(log)({ type: 'store.available' })
    observeStore(log)({ type: 'store.unavailable', error: new Error('x') })
    expect(lines().map(({ level, event }) => `${String(level)} ${String(event)}`)).toEqual([
      'info report.sent',
      'warn report.dropped',
      'warn lease.lost',
      'warn attempt.recovered',
      'error relay.fault',
      'info mailbox.delivered',
      'error mailbox.fault',
      'info store.available',
      'error store.unavailable',
    ])
  })
})

describe('lines of the wire', () => {
  it('has a line for each session and transaction', () => {
    const { log, lines } = capture({ level: 'info' })
    const observer = observeServer(log)
    const transaction = {
      session: SESSION,
      reversePath: null,
      recipients: 1,
      sizeBytes: 9,
      durationMs: 1,
      replies: [reply(250, '2.0.0', 'OK')],
    }
    observer({ type: 'session.opened', session: SESSION })
    observer({ type: 'transaction.accepted', ...transaction })
    observer({ type: 'transaction.refused', ...transaction })
    observer({ type: 'fault', session: undefined, error: new Error('x') })
    observer({ type: 'session.refused', remoteAddress: '192.0.2.1', reply: reply(421, '4.7.0', 'too many') })
    const counts = { accepted: 1, refused: 0, bytesReceived: 5, bytesSent: 6 }
    observer({ type: 'session.closed', session: SESSION, cause: 'quit', durationMs: 7, ...counts })
    expect(lines().map(({ event }) => event)).toEqual([
      'smtp.transaction.accepted',
      'smtp.transaction.refused',
      'smtp.fault',
      'smtp.session.refused',
      'smtp.session.closed',
    ])
    expect(lines().at(-1)).toMatchObject({
      sessionId: 's1',
      account: 'ada',
      tls: 'TLSv1.3',
      cause: 'quit',
      accepted: 1,
    })
  })

  it('has a line for each login that failed', () => {
    const { log, lines } = capture({ level: 'info' })
    const refused = reply(535, '5.7.8', 'Authentication credentials invalid')
    observeServer(log)({ type: 'reply.refused', session: SESSION, line: 'AUTH PLAIN ****', reply: refused })
    expect(lines()).toMatchObject([{ event: 'smtp.authentication.refused', remoteAddress: '192.0.2.1' }])
  })

  it('shows the dialogue at debug only', () => {
    const { log, lines } = capture()
    observeServer(log)({ type: 'session.opened', session: SESSION })
    observeServer(log)({ type: 'dialogue', session: SESSION, from: 'client', line: 'EHLO x' })
    observeServer(log)({ type: 'reply.refused', session: SESSION, line: 'XYZ', reply: reply(500, '5.5.2', 'what') })
    observeClient(log).dialogue?.({ sessionId: 'c1', from: 'server', line: '220 x' })
    expect(lines().map(({ msg }) => msg)).toEqual(['session.opened', 'C: EHLO x', 'command refused', 'S: 220 x'])
    expect(observeClient(capture({ level: 'info' }).log)).not.toHaveProperty('dialogue')
  })

  it('has lines for what a client meets', () => {
    const { log, lines } = capture()
    const observer = observeClient(log)
    observer.observe({ type: 'connection-failed', host: 'mx.example.net', port: 25, error: new Error('refused') })
    observer.observe({ type: 'tls-failed', sessionId: 'c1', error: new Error('bad'), clear: true })
    observer.observe({ type: 'transaction-retried', sessionId: 'c1', host: 'mx.example.net' })
    expect(lines().map(({ event }) => event)).toEqual([
      'client.connection.failed',
      'client.tls.failed',
      'client.transaction.retried',
    ])
  })
})
