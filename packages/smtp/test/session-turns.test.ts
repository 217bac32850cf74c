import { reply } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { atrn, EXTENSIONS, etrn, expn, mtPriority, xclient, xforward } from '../src/index.ts'
import type { ServerSessionOptions } from '../src/index.ts'
import { Driven, latin1, usualAnswer } from './server-helper.ts'

const OPTIONS: Partial<ServerSessionOptions> = {
  mechanisms: ['PLAIN'],
  allowPlaintextAuth: true,
  trusted: true,
  extensions: [...EXTENSIONS, expn, etrn, atrn, xclient, xforward],
}
const LOGIN = 'EHLO a\r\nAUTH PLAIN AGFkYQBzZWNyZXQ=\r\n'

function opened(steps: string, options: Partial<ServerSessionOptions> = OPTIONS): Driven {
  const driven = new Driven(options)
  for (const line of steps.split(/(?<=\r\n)/)) driven.feed(line)
  driven.said()
  driven.types()
  return driven
}

describe('ServerSession: ETRN (RFC 1985)', () => {
  it('tells what is asked for', () => {
    const driven = opened('EHLO a\r\n').feed('ETRN Example.org\r\nETRN @example.org\r\nETRN #uucp\r\n')
    expect(driven.events).toEqual([
      { type: 'etrn', node: 'example.org', kind: 'domain' },
      { type: 'etrn', node: 'example.org', kind: 'subdomains' },
      { type: 'etrn', node: 'uucp', kind: 'queue' },
    ])
  })
})

describe('ServerSession: ATRN (RFC 2645)', () => {
  it('gives the stream away behind 250: nothing is read or said any more', () => {
    const driven = opened(LOGIN).feed('ATRN example.org,example.com\r\n')
    expect(driven.events).toEqual([{ type: 'atrn', domains: ['example.org', 'example.com'] }])
    expect(driven.said()).toBe('250 2.0.0 OK\r\n')
    expect(driven.session.state).toBe('turned')
    driven.feed('220 client.example.org ESMTP\r\nNOOP\r\n')
    driven.session.close(reply(421, '4.3.2', 'down'))
    driven.session.refuseContent(reply(451, '4.3.0', 'fault'))
    expect(driven.types()).toEqual(['atrn'])
    expect(driven.said()).toBe('')
    expect(driven.session).toMatchObject({ state: 'turned', waiting: false, heldBytes: 0 })
  })

  it('sees what came between the question and its answer', () => {
    const driven = opened(LOGIN)
    driven.session.receive(latin1('ATRN\r\n'))
    expect(driven.session.next()).toEqual({ type: 'atrn', domains: [] })
    driven.session.receive(latin1('220 client.example.org\r\n'))
    driven.session.answer(reply(250, '2.0.0', 'OK'))
    driven.drain()
    expect(driven.said()).toMatch(/^503 5\.5\.1 [^\r]*\r\n$/)
    expect(driven.session.state).toBe('closed')
  })

  it('is ended by a 421', () => {
    const driven = new Driven(OPTIONS, (event, session) =>
      event.type === 'atrn' ? reply(421, '4.3.2', 'down') : usualAnswer(event, session),
    )
    for (const line of LOGIN.split(/(?<=\r\n)/)) driven.feed(line)
    driven.said()
    expect(driven.feed('ATRN\r\n').said()).toBe('421 4.3.2 down\r\n')
    expect(driven.session.state).toBe('closed')
  })
})

describe('ServerSession: XCLIENT', () => {
  it('tells who the client is, and begins anew', () => {
    const driven = opened(LOGIN).feed('XCLIENT NAME=client.example.org ADDR=IPV6:2001:db8::7 HELO=[UNAVAILABLE]\r\n')
    expect(driven.events).toEqual([
      {
        type: 'xclient',
        attributes: new Map([
          ['NAME', 'client.example.org'],
          ['ADDR', '2001:db8::7'],
          ['HELO', undefined],
        ]),
      },
    ])
    expect(driven.said()).toBe('220 mx.example.net ESMTP\r\n')
    expect(driven.session).toMatchObject({ state: 'connected', hello: undefined, authenticated: false })
  })

  it('authenticates who LOGIN names, until the next', () => {
    const driven = opened('EHLO a\r\n').feed('XCLIENT LOGIN=ada\r\n')
    expect(driven.session.authenticated).toBe(true)
    driven.feed('EHLO a\r\nMAIL FROM:<> AUTH=ada MT-PRIORITY=1\r\nMAIL FROM:<> AUTH=ada\r\n')
    expect(driven.events.at(-1)).toEqual({ type: 'mail', mail: { reversePath: null, submitter: 'ada' } })
    driven.feed('RSET\r\nXCLIENT LOGIN=[UNAVAILABLE]\r\n')
    expect(driven.session.authenticated).toBe(false)
  })

  it('believes no more of who it names than of anybody else: it is the proxy that is trusted (RFC 4954 §5, RFC 6710 §4.1)', () => {
    const extensions = [...EXTENSIONS, mtPriority(), xclient]
    const driven = opened('EHLO a\r\nXCLIENT ADDR=203.0.113.9\r\nEHLO b\r\n', { ...OPTIONS, extensions })
    driven.feed('MAIL FROM:<> AUTH=ada@example.org MT-PRIORITY=9\r\n')
    expect(driven.events).toEqual([{ type: 'mail', mail: { reversePath: null, submitter: null, mtPriority: 0 } }])
    // Whom it names as logged in has said so himself.
    driven.feed('RSET\r\nXCLIENT LOGIN=ada\r\nEHLO b\r\nMAIL FROM:<> AUTH=ada MT-PRIORITY=9\r\n')
    expect(driven.events.at(-1)).toMatchObject({ mail: { submitter: 'ada', mtPriority: 9 } })
    // The proxy may still say who the next one is.
    expect(driven.feed('RSET\r\nXCLIENT LOGIN=[UNAVAILABLE]\r\n').said()).toMatch(/220 mx\.example\.net ESMTP\r\n$/)
  })

  it('ends where it is answered with 421', () => {
    const driven = new Driven(OPTIONS, (event, session) =>
      event.type === 'xclient' ? reply(421, '4.3.2', 'down') : usualAnswer(event, session),
    )
    driven.said()
    expect(driven.feed('XCLIENT NAME=a\r\n').said()).toBe('421 4.3.2 down\r\n')
    expect(driven.session.state).toBe('closed')
  })
})

describe('ServerSession: XFORWARD', () => {
  it('keeps what was said for one transaction, command by command', () => {
    const driven = opened('EHLO a\r\n')
    expect(driven.session.forwarded).toBeUndefined()
    driven.feed('XFORWARD NAME=a IDENT=x\r\nXFORWARD ADDR=192.0.2.7 NAME=[UNAVAILABLE]\r\n')
    const forwarded = new Map([
      ['IDENT', 'x'],
      ['ADDR', '192.0.2.7'],
    ])
    expect(driven.session.forwarded).toEqual(forwarded)
    driven.feed('MAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nDATA\r\n').feed('a\r\n')
    expect(driven.session.forwarded).toEqual(forwarded)
    expect(driven.feed('.\r\n').session.forwarded).toBeUndefined()
    expect(driven.feed('XFORWARD NAME=a\r\n').session.forwarded).toEqual(new Map([['NAME', 'a']]))
    expect(driven.feed('RSET\r\n').session.forwarded).toBeUndefined()
  })

  it('keeps nothing of what was said before a handshake (RFC 3207 §4.2)', () => {
    const driven = opened('EHLO a\r\nXFORWARD NAME=a\r\nSTARTTLS\r\n', { ...OPTIONS, startTls: true })
    expect(driven.session.state).toBe('tls')
    driven.session.secured({ version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' })
    expect(driven.session.forwarded).toBeUndefined()
  })

  it('keeps nothing where it is refused', () => {
    const driven = new Driven(OPTIONS, (event, session) =>
      event.type === 'xforward' ? reply(550, '5.7.0', 'no') : usualAnswer(event, session),
    ).feed('EHLO a\r\nXFORWARD NAME=a\r\n')
    expect(driven.session.forwarded).toBeUndefined()
  })
})

describe('ServerSession: EXPN, HELP, commands that were agreed on', () => {
  it('tell what was asked', () => {
    const driven = opened('', { commands: ['x-ping', 'NOOP'], extensions: [...EXTENSIONS, expn] })
    driven.feed('EXPN crew SMTPUTF8\r\nEXPN  crew\r\nHELP\r\nHELP mail  now\r\nx-Ping a b\r\nNOOP\r\n')
    expect(driven.events).toEqual([
      { type: 'expn', argument: 'crew', smtputf8: true },
      { type: 'expn', argument: 'crew', smtputf8: false },
      { type: 'help', argument: '' },
      { type: 'help', argument: 'mail  now' },
      { type: 'command', word: 'X-PING', argument: 'a b' },
    ])
  })

  it('read no SMTPUTF8 as a parameter where it is not offered (RFC 6531 §3.7.4.2)', () => {
    for (const without of ['SMTPUTF8', '8BITMIME']) {
      const extensions = [...EXTENSIONS, expn].filter(({ name }) => name !== without)
      const driven = opened('', { extensions }).feed('VRFY ada SMTPUTF8\r\nEXPN crew SMTPUTF8\r\n')
      expect(driven.events).toEqual([
        { type: 'vrfy', argument: 'ada SMTPUTF8', smtputf8: false },
        { type: 'expn', argument: 'crew SMTPUTF8', smtputf8: false },
      ])
    }
  })
})
