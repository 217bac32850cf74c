import { mailboxOf } from '@postroad/address'
import { fromLatin1, fromUtf8, toLatin1 } from '@postroad/bytes'
import type { ClientMechanism } from '@postroad/sasl'
import { createClientMechanism } from '@postroad/sasl'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CLIENT_DEADLINES } from '../src/client-deadlines.ts'
import { ClientSession } from '../src/client-session.ts'
import { CONTENT, envelope, facts, NOW, Talk } from './client-talk.ts'

const STUFFED = 'Subject: x\r\n\r\n..dot\r\nlast\r\n.\r\n'
const MAIL = 'MAIL FROM:<eve@example.org>\r\n'
const rcpt = (...names: string[]) => names.map((name) => `RCPT TO:<${name}@example.net>\r\n`).join('')

const credentials = { username: 'ada', password: 'secret' }
const mechanism = (name: string): ClientMechanism => {
  const made = createClientMechanism(name, credentials)
  if (made === undefined) throw new Error(name)
  return made
}
const scripted = (start: string | undefined, ...responses: (string | undefined)[]): ClientMechanism => ({
  name: 'X-TEST',
  start: () => (start === undefined ? undefined : fromLatin1(start)),
  receive: () => {
    const response = responses.shift()
    if (response === undefined) return { kind: 'fail', reason: 'malformed' }
    return { kind: 'respond', bytes: fromLatin1(response) }
  },
  derived: () => ({ kind: 'fail', reason: 'malformed' }),
  finish: () => ({ kind: 'done' }),
})
const beginAuth = (made: ClientMechanism) => {
  const talk = new Talk().greet('AUTH PLAIN LOGIN')
  talk.session.authenticate(made)
  return { talk, sent: talk.sent() }
}

const beginLmtp = () => {
  const talk = new Talk({ protocol: 'lmtp' }).greet('PIPELINING')
  talk.transact({ envelope: envelope('ada@example.net', 'bob@example.net', 'cleo@example.net') })
  talk.says('250 ok', '250 ok', '550 no', '250 ok', '354 go')
  return talk
}

describe('ClientSession: greeting and hello', () => {
  it.each([0, 1, 2])('waits for the greeting and says EHLO (RFC 5321 §3.1, §4.1.1.1), cut %i', (cut) => {
    const talk = new Talk({}, cut)
    expect(talk.sent()).toBe('')
    expect(talk.session.phase).toBe('greeting')
    expect(talk.says('220-mx.example.net', '220 ESMTP')).toBe('EHLO client.example.org\r\n')
    expect(talk.session.phase).toBe('hello')
    expect(talk.session.extensions).toBeUndefined()
    talk.hello('PIPELINING', 'SIZE 1000')
    expect(talk.events).toMatchObject([{ type: 'ready', extensions: { name: 'mx.example.net', size: 1000 } }])
    expect(talk.session.idle).toBe(true)
    expect(talk.session.phase).toBe('done')
    expect(talk.session.deadlineMs).toBe(0)
  })

  it('falls back to HELO where EHLO is not known (RFC 5321 §3.2)', () => {
    const talk = new Talk()
    talk.says('220 old')
    expect(talk.says('502 what')).toBe('HELO client.example.org\r\n')
    talk.says('250 old')
    expect(talk.events).toMatchObject([{ type: 'ready', extensions: { extended: false, pipelining: false } }])
  })

  it('says LHLO in LMTP, and has nothing to fall back to (RFC 2033 §4.1)', () => {
    const talk = new Talk({ protocol: 'lmtp' })
    expect(talk.says('220 mda')).toBe('LHLO client.example.org\r\n')
    expect(talk.says('502 what')).toBe('')
    expect(talk.closed).toBe('refused at hello')
  })

  it.each([
    { says: ['554 no'], closed: 'refused at greeting' },
    { says: ['450 later'], closed: 'refused at greeting' },
    { says: ['354 odd'], closed: 'refused at greeting' },
    { says: ['421 busy'], closed: 'closing at greeting' },
    { says: ['220 a', '450 later'], closed: 'refused at hello' },
    { says: ['220 a', '421 busy'], closed: 'closing at hello' },
    { says: ['220 a', '500 what', '550 no'], closed: 'refused at hello' },
    { says: ['SSH-2.0-OpenSSH'], closed: 'malformed at greeting' },
    { says: [`220 ${'x'.repeat(20_000)}`], closed: 'line-too-long at greeting' },
    { says: ['220 a', ...Array.from({ length: 300 }, () => '250-x')], closed: 'reply-too-long at hello' },
    { says: ['220 a', '250 b', '250 c'], closed: 'unexpected-reply at done' },
  ])('ends with $closed', ({ says, closed }) => {
    const talk = new Talk()
    for (const line of says) talk.says(line)
    expect(talk.closed).toBe(closed)
    expect(talk.session.closed).toBe(true)
    expect(talk.says('220 more')).toBe('')
    expect(talk.events.filter(({ type }) => type === 'closed')).toHaveLength(1)
  })

  it.each([
    { hostname: 'client.example.org', said: 'client.example.org' },
    { hostname: '[192.0.2.1]', said: '[192.0.2.1]' },
    { hostname: 'my_host', said: 'my_host' },
    { hostname: 'b\u00fccher.example', said: 'xn--bcher-kva.example' },
  ])('introduces $hostname in ASCII (RFC 6531 §3.7.1)', ({ hostname, said }) => {
    expect(new Talk({ hostname }).says('220 mx')).toBe(`EHLO ${said}\r\n`)
    const old = new Talk({ hostname })
    old.says('220 mx')
    expect(old.says('502 what')).toBe(`HELO ${said}\r\n`)
  })

  const unspeakable = [
    '',
    'a b',
    'a\r\nQUIT',
    '\u0080',
    'b\u00fccher\u3002example',
    '[\u00fc]',
    `\u00fc${'x'.repeat(80)}`,
  ]
  it.each(unspeakable)('refuses the hostname %j', (hostname) => {
    expect(() => new ClientSession({ hostname, protocol: 'smtp' })).toThrow(
      expect.objectContaining({ code: 'SMTP_CLIENT_HOSTNAME' }),
    )
  })

  it('says QUIT and closes with the answer (RFC 5321 §4.1.1.10)', () => {
    const talk = new Talk().greet()
    talk.session.quit()
    expect(talk.session.deadlineMs).toBe(CLIENT_DEADLINES.quitMs)
    expect(talk.sent()).toBe('QUIT\r\n')
    talk.says('221 bye')
    expect(talk.closed).toBe('quit at done')
    talk.session.quit()
    talk.session.lost('lost')
    expect(talk.sent()).toBe('')
  })

  it('is done with QUIT also where the peer just goes', () => {
    const talk = new Talk().greet()
    talk.session.quit()
    talk.session.lost('lost')
    talk.drain()
    expect(talk.closed).toBe('quit at done')
    const early = new Talk()
    early.session.quit()
    early.drain()
    expect(early.closed).toBe('quit at greeting')
  })

  it('refuses a command while it is not ready', () => {
    const talk = new Talk()
    const notReady = expect.objectContaining({ code: 'SMTP_CLIENT_NOT_READY' })
    expect(() => talk.session.startTls()).toThrow(notReady)
    expect(() => talk.transact()).toThrow(notReady)
    talk.greet()
    expect(() => talk.session.tlsStarted()).toThrow(notReady)
    talk.session.content(fromUtf8('ignored'))
    talk.session.endContent()
    expect(talk.sent()).toBe('')
  })
})

describe('ClientSession: STARTTLS', () => {
  it('forgets what was offered before TLS and says EHLO again (RFC 3207 §4.2)', () => {
    const talk = new Talk().greet('STARTTLS', 'ENHANCEDSTATUSCODES')
    talk.session.startTls()
    expect(talk.session.deadlineMs).toBe(CLIENT_DEADLINES.commandMs)
    expect(talk.sent()).toBe('STARTTLS\r\n')
    talk.says('220 2.0.0 go')
    expect(talk.events.at(-1)).toEqual({ type: 'start-tls' })
    expect(talk.session.extensions).toBeUndefined()
    expect(talk.session.phase).toBe('tls')
    expect(talk.session.deadlineMs).toBe(CLIENT_DEADLINES.tlsMs)
    talk.session.tlsStarted()
    expect(talk.sent()).toBe('EHLO client.example.org\r\n')
    talk.hello('AUTH PLAIN')
    expect(talk.session.extensions).toMatchObject({ auth: ['PLAIN'], starttls: false })
  })

  it('goes on in clear where it is refused', () => {
    const talk = new Talk().greet('STARTTLS')
    talk.session.startTls()
    talk.sent()
    talk.says('454 not now')
    expect(talk.events.at(-1)).toMatchObject({ type: 'starttls-refused', reply: { code: 454 } })
    expect(talk.session.idle).toBe(true)
  })

  it.each(['220 go\r\n250 injected\r\n', '220 go\r\n2', '220 go\r\n\u0016'])(
    'ends where bytes came behind the 220: %j (RFC 3207 §4.2)',
    (says) => {
      const talk = new Talk().greet('STARTTLS')
      talk.session.startTls()
      talk.sent()
      talk.session.receive(fromLatin1(says))
      talk.drain()
      expect(talk.closed).toBe('bytes-before-tls at tls')
    },
  )

  it('ends where bytes in clear come while the handshake is awaited', () => {
    const talk = new Talk().greet('STARTTLS')
    talk.session.startTls()
    talk.sent()
    talk.says('220 go')
    talk.says('250 injected')
    expect(talk.closed).toBe('bytes-before-tls at tls')
    talk.session.tlsStarted()
    expect(talk.sent()).toBe('')
  })
})

describe('ClientSession: AUTH', () => {
  it('sends an initial response and never shows it (RFC 4954 §4)', () => {
    const { talk, sent } = beginAuth(mechanism('PLAIN'))
    expect(sent).toBe('AUTH PLAIN AGFkYQBzZWNyZXQ=\r\n')
    expect(talk.session.phase).toBe('auth')
    talk.says('235 ok')
    expect(talk.events.at(-1)).toEqual({ type: 'authenticated' })
    expect(talk.lines.slice(-2)).toEqual(['C: AUTH PLAIN ****', 'S: 235 ok'])
    const to = { ...envelope('ada@example.net'), submitter: null }
    expect(talk.transact({ envelope: to })).toBe('MAIL FROM:<eve@example.org> AUTH=<>\r\n')
  })

  it('answers challenges and shows neither side', () => {
    const { talk, sent } = beginAuth(mechanism('LOGIN'))
    expect(sent).toBe('AUTH LOGIN\r\n')
    expect(talk.says('334 VXNlcm5hbWU6')).toBe('YWRh\r\n')
    expect(talk.says('334 UGFzc3dvcmQ6')).toBe('c2VjcmV0\r\n')
    talk.says('235 ok')
    expect(talk.lines.slice(-6)).toEqual([
      'C: AUTH LOGIN',
      'S: 334 ****',
      'C: ****',
      'S: 334 ****',
      'C: ****',
      'S: 235 ok',
    ])
  })

  it('writes an empty initial response as = (RFC 4954 §4)', () => {
    expect(beginAuth(scripted('')).sent).toBe('AUTH X-TEST =\r\n')
  })

  it('keeps an initial response that does not fit into a line for the first challenge (RFC 4954 §4)', () => {
    const { talk, sent } = beginAuth(scripted('y'.repeat(400)))
    expect(sent).toBe('AUTH X-TEST\r\n')
    expect(talk.says('334 ')).toHaveLength(538)
    talk.says('334 ')
    expect(talk.sent()).toBe('')
    expect(talk.lines.at(-1)).toBe('C: *')
  })

  it('says what the server refused', () => {
    const { talk } = beginAuth(mechanism('PLAIN'))
    talk.says('535 no')
    expect(talk.events.at(-1)).toMatchObject({ type: 'authentication-refused', abandoned: false, reply: { code: 535 } })
    expect(talk.session.idle).toBe(true)
  })

  it.each([
    { challenge: '334 !!!', made: () => scripted('a', 'b') },
    { challenge: '334 YQ=', made: () => scripted('a', 'b') },
    { challenge: '334 YQ==', made: () => scripted('a') },
  ])('cancels with * where it does not understand $challenge (RFC 4954 §4)', ({ challenge, made }) => {
    const { talk } = beginAuth(made())
    expect(talk.says(challenge)).toBe('*\r\n')
    talk.says('501 cancelled')
    expect(talk.events.at(-1)).toMatchObject({ type: 'authentication-refused', abandoned: true })
  })

  it.each([{ says: ['334 !', '334 again'] }, { says: ['334 !', '235 ok after all'] }, { says: ['354 odd'] }])(
    'ends at $says',
    ({ says }) => {
      const { talk } = beginAuth(scripted('a'))
      for (const line of says) talk.says(line)
      expect(talk.closed).toBe('unexpected-reply at auth')
    },
  )

  it('asks for a key, waits for it, and believes a server that proves itself (RFC 5802 §3)', () => {
    for (const done of [true, false]) {
      const derivation = { algorithm: 'sha256', password: fromUtf8('p'), salt: fromUtf8('s'), iterations: 1 } as const
      const { talk } = beginAuth({
        name: 'X-TEST',
        start: () => fromUtf8('a'),
        receive: () => ({ kind: 'derive', derivation }),
        derived: (key) => ({ kind: 'respond', bytes: key }),
        finish: () => (done ? { kind: 'done' } : { kind: 'fail', reason: 'server-proof' }),
      })
      talk.session.keyDerived(fromUtf8('too early'))
      expect(talk.says('334 YQ==')).toBe('')
      expect(talk.events.at(-1)).toEqual({ type: 'derive-key', derivation })
      talk.session.keyDerived(fromUtf8('key'))
      expect(talk.sent()).toBe('a2V5\r\n')
      talk.says('235 ok')
      expect(talk.events.at(-1)).toMatchObject(
        done
          ? { type: 'authenticated' }
          : { type: 'authentication-refused', abandoned: true, reason: 'server-proof', reply: { code: 235 } },
      )
      expect(talk.session.idle).toBe(true)
      talk.session.keyDerived(fromUtf8('too late'))
      expect(talk.sent()).toBe('')
    }
  })

  it('ends where the server goes on while a key is derived', () => {
    const derivation = { algorithm: 'sha256', password: fromUtf8('p'), salt: fromUtf8('s'), iterations: 1 } as const
    const { talk } = beginAuth({ ...scripted('a'), receive: () => ({ kind: 'derive', derivation }) })
    talk.says('334 YQ==')
    talk.says('334 YQ==')
    expect(talk.closed).toBe('unexpected-reply at auth')
  })

  it('gives up on a server that never has enough', () => {
    const endless = scripted('a', ...Array.from({ length: 100 }, () => 'b'))
    const { talk } = beginAuth(endless)
    let rounds = 0
    while (talk.says('334 YQ==') !== '*\r\n' && rounds < 100) rounds += 1
    expect(rounds).toBe(32)
  })
})

describe('ClientSession: a transaction', () => {
  it.each([0, 1])('sends MAIL, RCPT and DATA in one flight (RFC 2920 §3.1), cut %i', (cut) => {
    const talk = new Talk({}, cut).greet('PIPELINING', 'ENHANCEDSTATUSCODES')
    expect(talk.transact({ envelope: envelope('ada@example.net', 'bob@example.net') })).toBe(
      `${MAIL}${rcpt('ada', 'bob')}DATA\r\n`,
    )
    expect(talk.says('250 2.1.0 ok', '250 2.1.5 ok', '250 2.1.5 ok', '354 go')).toBe(STUFFED)
    expect(talk.session.phase).toBe('end-of-data')
    talk.says('250 2.0.0 queued')
    expect(talk.outcomes).toEqual([
      { kind: 'delivered', reply: { code: 250, status: '2.0.0', lines: ['queued'] } },
      { kind: 'delivered', reply: { code: 250, status: '2.0.0', lines: ['queued'] } },
    ])
    expect(talk.ended).toBe('done')
    expect(talk.session.idle).toBe(true)
  })

  it('sends one command at a time without PIPELINING', () => {
    const talk = new Talk().greet()
    expect(talk.transact({ envelope: envelope('ada@example.net', 'bob@example.net') })).toBe(MAIL)
    expect(talk.session.phase).toBe('mail')
    expect(talk.says('250 ok')).toBe(rcpt('ada'))
    expect(talk.session.phase).toBe('rcpt')
    expect(talk.says('250 ok')).toBe(rcpt('bob'))
    expect(talk.says('550 no')).toBe('DATA\r\n')
    expect(talk.session.phase).toBe('data')
    expect(talk.says('354 go')).toBe(STUFFED)
    talk.says('250 ok')
    expect(talk.summary).toEqual(['delivered', 'failed 5.1.1'])
  })

  it('waits as long as each phase may take (RFC 5321 §4.5.3.2)', () => {
    const talk = new Talk({ deadlines: { rcptMs: 7 } })
    const waits = [talk.session.deadlineMs]
    talk.says('220 mx')
    waits.push(talk.session.deadlineMs)
    talk.hello()
    talk.transact()
    for (const line of ['250 ok', '250 ok', '354 go']) {
      waits.push(talk.session.deadlineMs)
      talk.says(line)
    }
    waits.push(talk.session.deadlineMs)
    expect(waits.map((ms) => ms / 1_000)).toEqual([300, 300, 300, 0.007, 120, 600])
  })

  it('settles a recipient as soon as its RCPT is refused', () => {
    const talk = new Talk().greet('PIPELINING')
    talk.transact({ envelope: envelope('ada@example.net', 'bob@example.net', 'cleo@example.net') })
    talk.says('250 ok', '250 ok', '451 later')
    expect(talk.events.filter(({ type }) => type === 'outcome')).toMatchObject([{ recipient: 1 }])
    expect(talk.says('552 too many', '354 go')).toBe(STUFFED)
    talk.says('554 spam')
    expect(talk.summary).toEqual(['failed 5.0.0', 'deferred 4.3.0', 'deferred 4.5.3'])
    expect(talk.ended).toBe('done')
  })

  it('reads the replies of all when MAIL is refused, and needs no RSET (RFC 2920 §3.1)', () => {
    const talk = new Talk().greet('PIPELINING')
    talk.transact()
    talk.says('450 greylisted', '503 no MAIL')
    expect(talk.ended).toBeUndefined()
    talk.says('503 no MAIL')
    expect(talk.ended).toBe('mail')
    expect(talk.summary).toEqual(['deferred 4.2.0'])
    expect(talk.transact()).toMatch(/^MAIL/)
  })

  it('stops at a refused MAIL without PIPELINING', () => {
    const talk = new Talk().greet()
    talk.transact()
    expect(talk.says('550 no')).toBe('')
    expect(talk.ended).toBe('mail')
    expect(talk.summary).toEqual(['failed 5.0.0'])
  })

  it('sends a lone dot where DATA is accepted though no recipient was (RFC 2920 §3.1)', () => {
    const talk = new Talk().greet('PIPELINING')
    talk.transact()
    expect(talk.says('250 ok', '550 no', '354 go')).toBe('.\r\n')
    expect(talk.ended).toBeUndefined()
    talk.says('250 took nothing')
    expect(talk.ended).toBe('rcpt')
    expect(talk.summary).toEqual(['failed 5.1.1'])
    expect(talk.transact()).toMatch(/^MAIL/)
  })

  it('sends a lone dot where DATA is accepted though MAIL was not', () => {
    const talk = new Talk().greet('PIPELINING')
    talk.transact()
    expect(talk.says('550 no', '503 no', '354 go')).toBe('.\r\n')
    talk.says('503 no')
    expect(talk.ended).toBe('mail')
    expect(talk.summary).toEqual(['failed 5.0.0'])
  })

  it('closes for LMTP there: the dot has no reply (RFC 2033 §4.2)', () => {
    const talk = new Talk({ protocol: 'lmtp' }).greet('PIPELINING')
    talk.transact()
    expect(talk.says('250 ok', '550 no', '354 go')).toBe('')
    expect(talk.closed).toBe('content-interrupted at content')
    expect(talk.summary).toEqual(['failed 5.1.1'])
  })

  it.each([
    { pipelining: true, says: ['250 ok', '550 no', '503 no'] },
    { pipelining: false, says: ['250 ok', '550 no'] },
  ])(
    'says RSET before the next when MAIL still stands (RFC 5321 §4.1.1.5), pipelining $pipelining',
    ({ pipelining, says }) => {
      const talk = new Talk().greet(...(pipelining ? ['PIPELINING'] : []))
      talk.transact()
      for (const line of says) talk.says(line)
      expect(talk.ended).toBe('rcpt')
      talk.events.length = 0
      expect(talk.transact({ facts: facts(CONTENT, { eightBit: true }) })).toBe('')
      expect(talk.summary).toEqual(['failed 5.6.3'])
      talk.events.length = 0
      expect(talk.transact()).toBe(pipelining ? `RSET\r\n${MAIL}${rcpt('ada')}DATA\r\n` : 'RSET\r\n')
      expect(talk.session.phase).toBe('mail')
      for (const line of ['250 reset', '250 ok', '250 ok', '354 go', '250 ok']) talk.says(line)
      expect(talk.summary).toEqual(['delivered'])
      expect(talk.transact()).toMatch(/^MAIL/)
    },
  )

  it('ends where 421 answers RSET', () => {
    const talk = new Talk().greet()
    talk.transact()
    talk.says('250 ok')
    talk.says('550 no')
    talk.forget().transact()
    talk.says('421 bye')
    expect(talk.summary).toEqual(['deferred 4.3.2'])
    expect(talk.closed).toBe('closing at mail')
  })

  it('counts replies and what waits to be taken, and needs nobody who watches', () => {
    const session = new ClientSession({ hostname: 'client.example.org', protocol: 'smtp' })
    expect(session.contentBlocked).toBe(false)
    session.receive(fromUtf8('220 mx\r\n'))
    expect(session.progress).toBe(1)
    expect(session.outputBytes).toBe('EHLO client.example.org\r\n'.length)
    session.takeOutput()
    session.receive(fromUtf8('250-mx\r\n250 PIPELINING\r\n'))
    session.transact({ envelope: envelope('ada@example.net'), facts: facts(), now: NOW })
    expect(toLatin1(session.takeOutput() ?? new Uint8Array(0))).toBe(`${MAIL}${rcpt('ada')}DATA\r\n`)
    expect(session.progress).toBe(2)
  })

  it('ends where RSET is refused', () => {
    const talk = new Talk().greet()
    talk.transact()
    talk.says('250 ok')
    talk.says('550 no')
    talk.events.length = 0
    talk.transact()
    talk.says('500 what')
    expect(talk.summary).toEqual(['deferred 4.5.0'])
    expect(talk.closed).toBe('unexpected-reply at mail')
  })

  it.each([
    { says: ['250 ok', '250 ok', '451 later'], summary: ['deferred 4.3.0'], ended: 'data' },
    { says: ['250 ok', '250 ok', '554 no'], summary: ['failed 5.0.0'], ended: 'data' },
    { says: ['250 ok', '250 ok', '250 odd'], summary: ['deferred 4.5.0'], ended: 'data' },
    { says: ['354 odd'], summary: ['deferred 4.5.0'], ended: 'mail' },
    { says: ['250 ok', '354 odd'], summary: ['deferred 4.5.0'], ended: 'rcpt' },
    { says: ['250 ok', 'garbage'], summary: ['deferred 4.5.0'], ended: 'rcpt' },
    { says: ['421 bye'], summary: ['deferred 4.3.2'], ended: 'mail' },
    { says: ['250 ok', '421 bye'], summary: ['deferred 4.3.2'], ended: 'rcpt' },
    { says: ['250 ok', '250 ok', '421 bye'], summary: ['deferred 4.3.2'], ended: 'data' },
    { says: ['250 ok', '250 ok', '354 go', '421 bye'], summary: ['deferred 4.3.2'], ended: 'end-of-data' },
    { says: ['250 ok', '250 ok', '354 go', '354 odd'], summary: ['unknown 4.5.0'], ended: 'end-of-data' },
    { says: ['250 ok', '250 ok', '354 go', 'garbage'], summary: ['unknown 4.5.0'], ended: 'end-of-data' },
    { says: ['250 ok', '250 ok', '354 go', '452 full'], summary: ['deferred 4.3.1'], ended: 'done' },
    { says: ['250 ok', '550 no', '354 go', '421 bye'], summary: ['failed 5.1.1'], ended: 'end-of-data' },
  ])('makes $summary of $says', ({ says, summary, ended }) => {
    const talk = new Talk().greet('PIPELINING')
    talk.transact()
    for (const line of says) talk.says(line)
    expect(talk.summary).toEqual(summary)
    expect(talk.ended).toBe(ended)
  })

  it.each([{ says: [] }, { says: ['250 ok'] }, { says: ['250 ok', '250 ok'] }])(
    'defers who is lost before the end of the content: $says',
    ({ says }) => {
      for (const cause of ['lost', 'timeout', 'aborted'] as const) {
        const talk = new Talk().greet('PIPELINING')
        talk.transact()
        for (const line of says) talk.says(line)
        talk.session.lost(cause)
        talk.drain()
        expect(talk.summary).toEqual(['deferred 4.4.2'])
        expect(talk.closed).toMatch(new RegExp(`^${cause} at `))
      }
    },
  )

  it('is unsure exactly from the moment the terminator was handed out', () => {
    for (const taken of [false, true]) {
      const talk = new Talk().greet('PIPELINING')
      talk.transact({ envelope: envelope('ada@example.net', 'bob@example.net') })
      talk.session.receive(fromUtf8('250 ok\r\n250 ok\r\n550 no\r\n354 go\r\n'))
      talk.drain()
      if (taken) expect(toLatin1(talk.session.takeOutput() ?? new Uint8Array(0))).toBe(STUFFED)
      talk.session.lost('lost')
      talk.drain()
      expect(talk.summary).toEqual([taken ? 'unknown 4.4.2' : 'deferred 4.4.2', 'failed 5.1.1'])
      expect(talk.session.takeOutput()).toBeUndefined()
    }
  })

  it('takes an early refusal for the answer, and closes', () => {
    const talk = new Talk().greet('PIPELINING')
    talk.transact({ facts: facts(CONTENT, { sizeBytes: 5_000 }) })
    talk.session.receive(fromUtf8('250 ok\r\n250 ok\r\n354 go\r\n'))
    while (talk.session.next() !== undefined);
    talk.session.content(fromUtf8('Subject'))
    expect(talk.sent()).toBe('Subject')
    talk.says('552 too big')
    expect(talk.summary).toEqual(['failed 5.3.4'])
    expect(talk.closed).toBe('content-interrupted at content')
    talk.session.content(fromUtf8('more'))
    talk.session.endContent()
    expect(talk.sent()).toBe('')
  })

  it.each([
    { says: '250 fine already', protocol: 'smtp', summary: 'deferred 4.5.0' },
    { says: '421 bye', protocol: 'smtp', summary: 'deferred 4.3.2' },
    { says: '552 too big', protocol: 'lmtp', summary: 'deferred 4.5.0' },
  ] as const)('makes $summary of $says within the content ($protocol)', ({ says, protocol, summary }) => {
    const talk = new Talk({ protocol }).greet('PIPELINING')
    talk.transact()
    talk.session.receive(fromUtf8('250 ok\r\n250 ok\r\n354 go\r\n'))
    while (talk.session.next() !== undefined);
    talk.says(says)
    expect(talk.summary).toEqual([summary])
    expect(talk.session.closed).toBe(true)
  })

  it('ends an unfinished last line before the dot (RFC 5321 §4.1.1.4)', () => {
    const talk = new Talk().greet('PIPELINING')
    talk.content = 'no newline'
    talk.transact()
    expect(talk.says('250 ok', '250 ok', '354 go')).toBe('no newline\r\n.\r\n')
  })

  it('sends empty content as a lone dot', () => {
    const talk = new Talk().greet('PIPELINING')
    talk.content = ''
    talk.transact()
    expect(talk.says('250 ok', '250 ok', '354 go')).toBe('.\r\n')
  })

  it.each([CONTENT.slice(1), `${CONTENT}more`])(
    'does not end content of another length than its facts say',
    (content) => {
      const talk = new Talk().greet('PIPELINING')
      talk.transact()
      talk.content = content
      expect(() => talk.says('250 ok', '250 ok', '354 go')).toThrow(
        expect.objectContaining({ code: 'SMTP_CLIENT_CONTENT_LENGTH' }),
      )
      talk.session.lost('aborted')
      talk.drain()
      expect(talk.summary).toEqual(['deferred 4.4.2'])
    },
  )

  it.each([
    { offer: ['SIZE 10'], request: {}, summary: 'failed 5.3.4' },
    { offer: ['SIZE 27'], request: { facts: facts(CONTENT, { endsWithCrlf: false }) }, summary: 'failed 5.3.4' },
    { offer: [], request: { envelope: { ...envelope('ada@example.net'), smtputf8: true } }, summary: 'failed 5.6.7' },
    {
      offer: [],
      request: { envelope: { ...envelope('ada@example.net'), reversePath: mailboxOf('ü@example.org') } },
      summary: 'failed 5.6.7',
    },
    { offer: [], request: { envelope: envelope('ü@example.net') }, summary: 'failed 5.6.7' },
    { offer: [], request: { facts: facts(CONTENT, { eightBit: true }) }, summary: 'failed 5.6.3' },
    { offer: [], request: { facts: facts(CONTENT, { binary: true }) }, summary: 'failed 5.6.0' },
    { offer: [], request: { bareNewlines: true }, summary: 'failed 5.6.0' },
    {
      offer: [],
      request: {
        envelope: { ...envelope('ada@example.net'), reversePath: { ...mailboxOf('a@example.org'), localPart: 'a\nb' } },
      },
      summary: 'failed 5.1.7',
    },
    {
      offer: [],
      request: {
        envelope: { ...envelope(), recipients: [{ mailbox: { ...mailboxOf('a@example.net'), localPart: 'a\nb' } }] },
      },
      summary: 'failed 5.1.3',
    },
  ])('sends nothing and makes $summary with $offer', ({ offer, request, summary }) => {
    const talk = new Talk().greet('PIPELINING', ...offer)
    expect(talk.transact(request)).toBe('')
    expect(talk.summary).toEqual([summary])
    expect(talk.ended).toBe('hello')
    expect(talk.session.idle).toBe(true)
  })

  it('sends to the others where one recipient cannot be named (RFC 6531 §3.5)', () => {
    const talk = new Talk().greet('PIPELINING')
    expect(talk.transact({ envelope: envelope('ü@example.net', 'ada@example.net') })).toBe(
      `${MAIL}${rcpt('ada')}DATA\r\n`,
    )
    talk.says('250 ok', '250 ok', '354 go')
    talk.says('250 ok')
    expect(talk.summary).toEqual(['failed 5.6.7', 'delivered'])
  })

  it('sends binary content that has no bare newline', () => {
    const talk = new Talk().greet('PIPELINING')
    expect(talk.transact({ facts: facts(CONTENT, { binary: true }), bareNewlines: false })).toMatch(/^MAIL/)
  })

  it('ends where a reply comes that nobody asked for', () => {
    const talk = new Talk().greet()
    talk.transact()
    talk.says('250 ok', '250 extra')
    expect(talk.closed).toBe('unexpected-reply at rcpt')
    expect(talk.summary).toEqual(['deferred 4.5.0'])
  })

  it('ends where a server answers what it has not been asked yet', () => {
    const talk = new Talk()
    talk.says('220 mx', '250 mx')
    expect(talk.closed).toBe('unexpected-reply at hello')
  })

  it('tells whether anything was answered; 421 is no answer', () => {
    const talk = new Talk().greet()
    expect(talk.session.transactionAnswered).toBe(false)
    talk.transact()
    expect(talk.session.transactionAnswered).toBe(false)
    talk.says('250 ok')
    expect(talk.session.transactionAnswered).toBe(true)
    const closing = new Talk().greet()
    closing.transact()
    closing.says('421 idle')
    expect(closing.session.transactionAnswered).toBe(false)
    expect(closing.session.closeCause).toBe('closing')
  })
})

describe('ClientSession: the limits of the peer', () => {
  it('defers who is beyond RCPTMAX, unasked (RFC 9422 §4)', () => {
    const talk = new Talk().greet('PIPELINING', 'LIMITS RCPTMAX=1')
    const two = envelope('ada@example.net', 'bob@example.net')
    expect(talk.session.hasRoomFor(two.recipients)).toBe(false)
    expect(talk.transact({ envelope: two })).toBe(`${MAIL}${rcpt('ada')}DATA\r\n`)
    expect(talk.summary).toEqual(['missing', 'deferred 4.5.3'])
    talk.says('250 ok', '250 ok', '354 go')
    talk.says('250 ok')
    expect(talk.summary).toEqual(['delivered', 'deferred 4.5.3'])
  })

  it('defers who is of one domain too many for the session', () => {
    const talk = new Talk().greet('PIPELINING', 'LIMITS RCPTDOMAINMAX=1')
    talk.transact()
    talk.says('250 ok', '250 ok', '354 go')
    talk.says('250 ok')
    const others = envelope('bob@example.com')
    expect(talk.session.hasRoomFor(others.recipients)).toBe(false)
    expect(talk.forget().transact({ envelope: others })).toBe('')
    expect(talk.summary).toEqual(['deferred 4.5.3'])
    expect(talk.forget().transact()).toMatch(/^MAIL/)
  })

  it('says no MAIL beyond MAILMAX', () => {
    const talk = new Talk()
    expect(talk.session.transactionsLeft).toBe(Infinity)
    expect(talk.session.hasRoomFor(envelope('ada@example.net').recipients)).toBe(true)
    talk.greet('PIPELINING', 'LIMITS MAILMAX=1')
    expect(talk.session.transactionsLeft).toBe(1)
    talk.transact()
    talk.says('450 no', '503 no', '503 no')
    expect(talk.session.transactionsLeft).toBe(0)
    expect(talk.forget().transact()).toBe('')
    expect(talk.summary).toEqual(['deferred 4.3.2'])
  })
})

describe('ClientSession: LMTP', () => {
  it('takes one reply for each accepted recipient, in order (RFC 2033 §4.2)', () => {
    const talk = beginLmtp()
    talk.says('250 ok')
    expect(talk.session.phase).toBe('end-of-data')
    talk.says('452 full')
    expect(talk.summary).toEqual(['delivered', 'failed 5.1.1', 'deferred 4.3.1'])
    expect(talk.ended).toBe('done')
  })

  it('is unsure about those that were not answered', () => {
    const talk = beginLmtp()
    talk.says('250 ok')
    talk.session.lost('lost')
    talk.drain()
    expect(talk.summary).toEqual(['delivered', 'failed 5.1.1', 'unknown 4.4.2'])
  })

  it('defers the one that 421 answers and is unsure about those that get no reply behind it', () => {
    const talk = beginLmtp()
    talk.says('421 bye')
    talk.session.lost('lost')
    talk.drain()
    expect(talk.summary).toEqual(['deferred 4.3.2', 'failed 5.1.1', 'unknown 4.4.2'])
    expect(talk.closed).toBe('lost at end-of-data')
  })

  it.each([
    { says: ['421 bye', '250 ok'], summary: ['deferred 4.3.2', 'failed 5.1.1', 'delivered'] },
    { says: ['421 bye', '554 spam'], summary: ['deferred 4.3.2', 'failed 5.1.1', 'failed 5.0.0'] },
    { says: ['250 ok', '421 bye'], summary: ['delivered', 'failed 5.1.1', 'deferred 4.3.2'] },
  ])('believes what comes behind a 421 for another recipient, then closes: $says', ({ says, summary }) => {
    const talk = beginLmtp()
    talk.says(...says)
    expect(talk.summary).toEqual(summary)
    expect(talk.closed).toMatch(/^closing at /)
    expect(talk.events.at(-1)).toMatchObject({ reply: { code: 421 } })
  })
})

describe('ClientSession: any server', () => {
  const line = fc.oneof(
    fc.constantFrom('220 a', '250 a', '250-PIPELINING', '354 a', '550 a', '421 a', '334 YQ==', '503 a', '235 a', 'x'),
    fc.string(),
  )
  it('never throws, settles everybody once, and reads the same in any cut', () => {
    fc.assert(
      fc.property(
        fc.array(line),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        (lines, lmtp, pipelining, cut) => {
          const run = (step: number) => {
            const talk = new Talk({ protocol: lmtp ? 'lmtp' : 'smtp' }, step)
            talk.greet(...(pipelining ? ['PIPELINING'] : []))
            talk.transact({ envelope: envelope('ada@example.net', 'bob@example.net') })
            // One line at a time, so that the client's output leaves at the same places.
            for (const text of lines) talk.says(text)
            talk.session.lost('lost')
            talk.drain()
            expect(talk.outcomes.filter((outcome) => outcome !== undefined)).toHaveLength(2)
            expect(talk.events.filter(({ type }) => type === 'transaction-ended')).toHaveLength(1)
            expect(talk.events.filter(({ type }) => type === 'closed')).toHaveLength(1)
            return talk
          }
          expect(run(cut).events).toEqual(run(0).events)
        },
      ),
    )
  })

  it('never throws for any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
        const talk = new Talk()
        for (const chunk of chunks) talk.session.receive(chunk)
        talk.session.lost('lost')
        talk.drain()
        expect(talk.session.closed).toBe(true)
      }),
    )
  })
})
