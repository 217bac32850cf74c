import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import { assert, array, constantFrom, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EXTENSIONS, LocalProtocolError, ServerSession } from '../src/index.ts'
import type { ServerSessionOptions } from '../src/index.ts'
import { atContent, Driven, isQuestion, latin1, OK, text, usualAnswer } from './server-helper.ts'

const TLS = { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' }

describe('ServerSession: events', () => {
  it('tells what the client did, with the parameters decoded', () => {
    const driven = new Driven()
    driven.feed('EHLO [192.0.2.1]\r\n')
    driven.feed('MAIL FROM:<@r.test:Eve@Example.ORG> SIZE=12 BODY=8bitmime SMTPUTF8 RET=full ENVID=a+20b AUTH=<>\r\n')
    driven.feed('RCPT TO:<postMASTER> NOTIFY=delay,SUCCESS ORCPT=RFC822;x+2By@z.test\r\n')
    driven.feed('VRFY åda\r\n')
    expect(driven.events).toEqual([
      { type: 'connect' },
      { type: 'hello', hello: { verb: 'EHLO', name: '[192.0.2.1]' } },
      {
        type: 'mail',
        mail: {
          reversePath: { localPart: 'Eve', domain: 'example.org' },
          size: 12,
          body: '8bitmime',
          smtputf8: true,
          ret: 'full',
          envid: 'a b',
          submitter: null,
        },
      },
      {
        type: 'rcpt',
        rcpt: {
          forwardPath: 'postmaster',
          notify: ['delay', 'success'],
          orcpt: { type: 'rfc822', address: 'x+y@z.test' },
        },
      },
      { type: 'refused', line: '', reply: reply(500, '5.5.2', 'Not ASCII and not UTF-8') },
    ])
    expect(driven.session.hello).toEqual({ verb: 'EHLO', name: '[192.0.2.1]' })
    expect(driven.session.recipients).toBe(1)
  })

  it('gives content as slices of what it was given', () => {
    const driven = atContent()
    const bytes = latin1('a\r\n..b\r\nc\r\n.\r\nQUIT\r\n')
    driven.session.receive(bytes)
    const slices: Uint8Array[] = []
    for (let event = driven.session.next(); event?.type === 'content'; event = driven.session.next()) {
      slices.push(event.bytes)
    }
    expect(slices.map(text)).toEqual(['a\r\n', '.b\r\nc\r\n'])
    for (const slice of slices) expect(slice.buffer).toBe(bytes.buffer)
  })

  it('tells of the end of a transaction only where there was one', () => {
    const driven = new Driven().feed('HELO a\r\nRSET\r\nMAIL FROM:<>\r\nRSET\r\nMAIL FROM:<>\r\nHELO b\r\nHELO c\r\n')
    expect(driven.types()).toEqual(['connect', 'hello', 'mail', 'reset', 'mail', 'hello', 'reset', 'hello'])
  })

  it('tells of bad content at once, and answers behind its end', () => {
    const driven = atContent().feed('a\r\nb\nc\r\n')
    expect(driven.types()).toEqual(['content-refused'])
    expect(driven.said()).toBe('')
    expect(driven.session.state).toBe('content')
    driven.feed('more\n\0\r\n.\r\n')
    expect(driven.types()).toEqual([])
    expect(driven.said()).toMatch(/^550 5\.6\.0 [^\r\n]+\r\n$/)
    expect(driven.session.state).toBe('ready')
  })

  it('gives no event while one waits, and then goes on', () => {
    const session = new ServerSession({ hostname: 'mx.example.net', protocol: 'smtp' })
    session.receive(latin1('HELO a\r\nMAIL FROM:<>\r\n'))
    expect(session.next()).toEqual({ type: 'connect' })
    expect(session.next()).toBeUndefined()
    session.answer()
    expect(session.next()?.type).toBe('hello')
    session.receive(latin1('NOOP\r\n'))
    expect(session.waiting).toBe(true)
    expect(session.next()).toBeUndefined()
    session.answer()
    expect(session.next()?.type).toBe('mail')
  })
})

describe('ServerSession: answers', () => {
  const refused = (driven: Driven, answer: () => void, code: string): void => {
    try {
      answer()
    } catch (error) {
      expect(error).toBeInstanceOf(LocalProtocolError)
      expect(error).toMatchObject({ code })
      return
    }
    expect.unreachable(driven.said())
  }

  it('refuses an answer that nobody asked for', () => {
    const driven = new Driven()
    refused(driven, () => driven.session.answer(OK), 'SMTP_NO_EVENT_WAITING')
    refused(driven, () => driven.session.challenge(latin1('a')), 'SMTP_WRONG_STATE')
    refused(driven, () => driven.session.secured(TLS), 'SMTP_WRONG_STATE')
  })

  it.each([
    { ask: 'HELO a', answer: reply(354, undefined, '') },
    { ask: 'HELO a', answer: { code: 99, status: undefined, lines: ['x'] } },
    { ask: 'HELO a', answer: { code: 250, status: undefined, lines: [] } },
    { ask: 'HELO a', answer: [OK] },
    { ask: 'HELO a\r\nMAIL FROM:<>', answer: undefined },
    { ask: 'HELO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.test>', answer: undefined },
    { ask: 'HELO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nDATA', answer: OK },
    { ask: 'HELO a\r\nSTARTTLS', answer: OK },
    { ask: 'HELO a\r\nAUTH PLAIN', answer: undefined },
  ])('refuses an answer that does not fit, and still waits: $ask', ({ ask, answer }) => {
    const lines = ask.split('\r\n')
    const last = lines.pop()
    const options: Partial<ServerSessionOptions> = { startTls: true, mechanisms: ['PLAIN'], allowPlaintextAuth: true }
    const driven = new Driven(options)
    for (const line of lines) driven.feed(`${line}\r\n`)
    driven.session.receive(latin1(`${last ?? ''}\r\n`))
    driven.session.next()
    refused(driven, () => driven.session.answer(answer), 'SMTP_REPLY_NOT_ALLOWED')
    expect(driven.session.waiting).toBe(true)
    driven.session.answer(reply(451, '4.3.0', 'fault'))
    expect(text(driven.session.takeOutput() ?? latin1(''))).toContain('451 ')
  })

  it('wants one reply for each recipient in LMTP, one in SMTP (RFC 2033 §4.2)', () => {
    const lmtp = new Driven({ protocol: 'lmtp' }, (event, session) => {
      if (event.type !== 'end-of-data') return usualAnswer(event, session)
      refused(lmtp, () => session.answer([OK]), 'SMTP_REPLY_COUNT')
      refused(lmtp, () => session.answer(), 'SMTP_REPLY_COUNT')
      refused(lmtp, () => session.answer([OK, reply(354, undefined, '')]), 'SMTP_REPLY_NOT_ALLOWED')
      return [OK, reply(452, '4.2.2', 'full')]
    })
    lmtp.feed('LHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nRCPT TO:<c@b.test>\r\nDATA\r\n').said()
    expect(lmtp.feed('.\r\n').said()).toBe('250 2.0.0 OK\r\n452 4.2.2 full\r\n')
    // A single reply stands for all.
    const single = atContent({ protocol: 'lmtp' })
    expect(single.feed('.\r\n').said()).toBe('250 2.0.0 OK\r\n')
    const smtp = atContent({}, (event, session) => {
      if (event.type !== 'end-of-data') return usualAnswer(event, session)
      refused(smtp, () => session.answer([OK, OK]), 'SMTP_REPLY_COUNT')
      return [OK]
    })
    expect(smtp.feed('.\r\n').said()).toBe('250 2.0.0 OK\r\n')
  })

  it('ends behind 421, in LMTP for any recipient', () => {
    const lmtp = atContent({ protocol: 'lmtp' }, (event, session) =>
      event.type === 'end-of-data' ? [reply(421, '4.3.2', 'down')] : usualAnswer(event, session),
    )
    expect(lmtp.feed('.\r\nNOOP\r\n').said()).toBe('421 4.3.2 down\r\n')
    expect(lmtp.session.state).toBe('closed')
    const last = new Driven({ protocol: 'lmtp' }, (event, session) =>
      event.type === 'end-of-data' ? [OK, reply(421, '4.3.2', 'down')] : usualAnswer(event, session),
    )
    last.feed('LHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nRCPT TO:<c@b.test>\r\nDATA\r\n').said()
    expect(last.feed('.\r\nNOOP\r\n').said()).toBe('250 2.0.0 OK\r\n421 4.3.2 down\r\n')
    expect(last.session.state).toBe('closed')
  })

  it('gives no enhanced status code in the greeting and to a hello (RFC 2034 §4)', () => {
    const answers = [reply(220, '2.0.0', 'mx.example.net hi'), reply(550, '5.7.1', 'no')]
    const driven = new Driven({}, () => answers.shift()).feed('EHLO a\r\n')
    expect(driven.said()).toBe('220 mx.example.net hi\r\n550 no\r\n')
  })

  it('refuses content that our side cannot keep, behind its end', () => {
    const driven = atContent({ protocol: 'lmtp' }).feed('a\r\n')
    driven.session.refuseContent(reply(451, '4.3.0', 'fault'))
    driven.session.refuseContent(reply(550, '5.0.0', 'too late'))
    driven.content = ''
    expect(driven.feed('b\nc\r\n.\r\n').said()).toBe('451 4.3.0 fault\r\n')
    expect(driven.content).toBe('')
    expect(driven.types()).toEqual([])
    driven.session.refuseContent(reply(550, '5.0.0', 'no content'))
    expect(driven.feed('NOOP\r\n').said()).toBe('250 2.0.0 OK\r\n')
  })
})

describe('ServerSession: TLS and the end', () => {
  it('forgets what came before the handshake (RFC 3207 §4.2)', () => {
    const driven = new Driven({ startTls: true, mechanisms: ['PLAIN'], allowPlaintextAuth: true })
    driven.feed('EHLO a\r\nAUTH PLAIN AGEAYg==\r\n')
    expect(driven.session.authenticated).toBe(true)
    driven.feed('STARTTLS\r\n')
    expect(driven.session.state).toBe('tls')
    driven.session.secured(TLS)
    expect(driven.session).toMatchObject({ state: 'connected', authenticated: false, hello: undefined, tls: TLS })
    driven.said()
    expect(driven.feed('MAIL FROM:<>\r\n').said()).toMatch(/^503 /)
  })

  it('ends without a word where bytes come while the handshake runs', () => {
    const driven = new Driven({ startTls: true }).feed('EHLO a\r\nSTARTTLS\r\n')
    driven.said()
    expect(driven.feed('MAIL FROM:<>\r\n').said()).toBe('')
    expect(driven.session.state).toBe('closed')
  })

  it('sees what came between the question and its answer (RFC 3207 §4.2, RFC 2920 §3.1)', () => {
    for (const command of ['STARTTLS', 'DATA', 'AUTH PLAIN', 'AUTH PLAIN AGFkYQBzZWNyZXQ=']) {
      const driven = new Driven({ startTls: true, mechanisms: ['PLAIN'], allowPlaintextAuth: true })
      driven.feed('EHLO a\r\n')
      if (command === 'DATA') driven.feed('MAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\n')
      driven.said()
      const { session } = driven
      session.receive(latin1(`${command}\r\n`))
      const event = session.next()
      session.receive(latin1('MAIL FROM:<>\r\n'))
      if (event?.type === 'auth') session.challenge(latin1(''))
      else session.answer()
      expect(text(session.takeOutput() ?? latin1(''))).toMatch(/^503 5\.5\.1 /)
      expect(session.state).toBe('closed')
      expect(session.next()).toMatchObject({ type: 'refused', reply: { code: 503 } })
      expect(session.next()).toBeUndefined()
    }
  })

  it('is ended from our side with a last word, and takes nothing more', () => {
    const driven = atContent().feed('half a mess')
    driven.session.close(reply(421, '4.4.2', 'Timeout'))
    expect(driven.feed('age\r\n.\r\nNOOP\r\n').said()).toBe('421 4.4.2 Timeout\r\n')
    expect(driven.session.state).toBe('closed')
    driven.session.close(reply(421, '4.4.2', 'again'))
    expect(driven.session.takeOutput()).toBeUndefined()
    const silent = new Driven({ startTls: true }).feed('EHLO a\r\nSTARTTLS\r\n')
    silent.said()
    silent.session.close(reply(421, '4.4.2', 'Timeout'))
    expect(silent.session.takeOutput()).toBeUndefined()
  })

  it('waits 5 minutes for a command and 3 for content (RFC 5321 §4.5.3.2.7, §4.5.3.2.5)', () => {
    const driven = atContent()
    expect(driven.session.deadlineMs).toBe(180_000)
    expect(driven.feed('.\r\n').session.deadlineMs).toBe(300_000)
    expect(atContent({ limits: { contentTimeoutMs: 1 } }).session.deadlineMs).toBe(1)
  })

  it('waits half a minute for a client that was refused (RFC 5321 §3.1)', () => {
    const refuse = (): Reply => reply(554, '5.7.1', 'no')
    expect(new Driven({}, refuse).session).toMatchObject({ state: 'refused', deadlineMs: 30_000 })
    expect(new Driven({ limits: { commandTimeoutMs: 5 } }, refuse).session.deadlineMs).toBe(5)
  })
})

describe('ServerSession: the dialogue told', () => {
  it('tells each line, and neither credentials nor content', () => {
    const lines: string[] = []
    const onLine = (from: string, line: string): void => void lines.push(`${from === 'client' ? 'C' : 'S'}: ${line}`)
    const options: Partial<ServerSessionOptions> = {
      mechanisms: ['PLAIN'],
      allowPlaintextAuth: true,
      onLine,
      extensions: EXTENSIONS.filter(({ name }) => name === 'AUTH' || name === 'ENHANCEDSTATUSCODES'),
    }
    const driven = new Driven(options, (event, session) => {
      if (event.type === 'auth' && event.initialResponse === undefined) session.challenge(latin1('secret challenge'))
      return event.type === 'auth' ? reply(535, '5.7.8', 'no') : usualAnswer(event, session)
    })
    for (const line of ['EHLO a', 'auth plain c2VjcmV0', 'AUTH PLAIN c2VjcmV0 c2VjcmV0', 'AUTH PLAIN', 'c2VjcmV0']) {
      driven.feed(`${line}\r\n`)
    }
    driven.feed('MAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nDATA\r\n').feed('private\r\n.\r\n')
    expect(lines.filter((line) => !line.startsWith('S: 250'))).toEqual([
      'S: 220 mx.example.net ESMTP',
      'C: EHLO a',
      'C: auth plain ***',
      'S: 535 5.7.8 no',
      'C: AUTH PLAIN ***',
      'S: 501 5.5.4 Syntax: AUTH mechanism [initial-response]',
      'C: AUTH PLAIN',
      'S: 334 ***',
      'C: ***',
      'S: 235 2.7.0 Welcome',
      'C: MAIL FROM:<>',
      'C: RCPT TO:<a@b.test>',
      'C: DATA',
      'S: 354 End data with <CR><LF>.<CR><LF>',
    ])
    expect(JSON.stringify(driven.events.filter(({ type }) => type === 'refused'))).not.toContain('c2VjcmV0')
  })
})

describe('ServerSession: authentication', () => {
  const options: Partial<ServerSessionOptions> = { mechanisms: ['PLAIN'], allowPlaintextAuth: true }
  const judgements = [
    { verdict: 'accepted', answer: reply(235, '2.7.0', 'yes') },
    { verdict: 'refused', answer: reply(535, '5.7.8', 'no') },
    { verdict: 'not judged', answer: reply(454, '4.7.0', 'later') },
  ]

  it.each(judgements)('is $verdict too late where something stands behind it (RFC 4954 §4)', ({ answer }) => {
    for (const response of [undefined, 'AGFkYQBzZWNyZXQ=\r\n']) {
      const driven = new Driven(options).feed('EHLO a\r\n')
      const { session } = driven
      session.receive(latin1(`AUTH PLAIN${response === undefined ? ' AGFkYQBzZWNyZXQ=' : ''}\r\n`))
      session.next()
      if (response !== undefined) {
        session.challenge(latin1(''))
        session.receive(latin1(response))
        expect(session.next()?.type).toBe('auth-response')
      }
      session.takeOutput()
      session.receive(latin1('MAIL FROM:<>\r\n'))
      session.answer(answer)
      expect(text(session.takeOutput() ?? latin1(''))).toMatch(/^503 5\.5\.1 [^\r]*\r\n$/)
      expect(session).toMatchObject({ state: 'closed', authenticated: false })
    }
  })

  it('tells that an exchange is over whose response had something behind it', () => {
    const driven = new Driven(options, (event, session) => {
      if (event.type === 'auth') session.challenge(latin1(''))
      return usualAnswer(event, session)
    })
    driven.feed('EHLO a\r\n').feed('AUTH PLAIN\r\n').feed('AAAA\r\nNOOP\r\n')
    expect(driven.types()).toEqual(['connect', 'hello', 'auth', 'auth-cancel'])
  })

  it.each([
    'AUTH\tPLAIN c2VjcmV0',
    ' AUTH PLAIN c2VjcmV0',
    'AUTH PLAIN\tc2VjcmV0',
    'auth  plain  c2VjcmV0',
    'AUTH c2VjcmV0',
    'AUTHPLAIN c2VjcmV0',
    'AUTH PLAIN c2VjcmV0',
  ])('shows no credentials, however they are misspelt: %j', (line) => {
    const told: string[] = []
    const driven = new Driven({ ...options, onLine: (_from, said) => void told.push(said) }, (event, session) =>
      event.type === 'auth' ? reply(535, '5.7.8', 'no') : usualAnswer(event, session),
    )
    driven.feed('EHLO a\r\n').feed(`${line}\r\n`)
    expect(told.join('\n')).toContain('AUTH')
    expect(JSON.stringify([told, driven.events.filter(({ type }) => type === 'refused')])).not.toContain('c2VjcmV0')
  })

  it('shows nothing of a response that a client sends although its AUTH was refused', () => {
    const told: string[] = []
    const driven = new Driven({ onLine: (_from, said) => void told.push(said) })
    driven
      .feed('EHLO a\r\n')
      .feed('AUTH LOGIN\r\n')
      .feed('YWRh\r\n')
      .feed('c2VjcmV0\r\n')
      .feed('NOOP\r\n')
      .feed('FOO bar\r\n')
    expect(told.slice(-8)).toEqual([
      '***',
      expect.stringMatching(/^500 /),
      '***',
      expect.stringMatching(/^500 /),
      'NOOP',
      '250 2.0.0 OK',
      'FOO bar',
      expect.stringMatching(/^500 /),
    ])
    expect(driven.events.flatMap((event) => (event.type === 'refused' ? event.line : []))).toEqual([
      'AUTH LOGIN',
      '***',
      '***',
      'FOO bar',
    ])
  })
})

describe('ServerSession: what is told of a line', () => {
  it('holds nothing that moves a terminal or begins another line of a log', () => {
    const told: string[] = []
    const driven = new Driven({ onLine: (from, said) => void (from === 'client' && told.push(said)) })
    driven.feed('\x1b]0;owned\x07\x7f\x08\v\t\r\n').feed('X \xc2\x9b2J \xe2\x80\xa8 \xe2\x80\xae \xc3\xa5\r\n')
    const safe = [String.raw`\x1b]0;owned\x07\x7f\x08\x0b\x09`, String.raw`X \x9b2J \u2028 \u202e å`]
    expect(told).toEqual(safe)
    expect(driven.events.flatMap((event) => (event.type === 'refused' ? event.line : []))).toEqual(safe)
  })
})

describe('ServerSession: extensions', () => {
  it('offers and reads only those it was given', () => {
    const driven = new Driven({ extensions: EXTENSIONS.filter(({ name }) => name !== 'DSN' && name !== 'SIZE') })
    driven.said()
    expect(driven.feed('EHLO a\r\n').said()).not.toMatch(/DSN|SIZE/)
    expect(driven.feed('MAIL FROM:<> SIZE=1\r\nMAIL FROM:<> RET=FULL\r\n').said()).toMatch(/^555 .*\r\n555 /)
  })

  it('announces no size where there is no limit (RFC 1870 §4)', () => {
    const driven = new Driven({ limits: { maxMessageBytes: Infinity } })
    expect(driven.feed('EHLO a\r\n').said()).toContain('250-SIZE\r\n')
  })
})

describe('ServerSession: any content', () => {
  it('does the same with any content in any cut', () => {
    const lines = constantFrom('a\r\n', '..\r\n', '.b\r\n', '\n', '\r', '\0', 'x'.repeat(70), '\r\n', '.', '\xe5')
    assert(
      property(array(lines, { maxLength: 60 }), integer({ min: 1, max: 9 }), (parts, size) => {
        const input = `${parts.join('')}\r\n.\r\nNOOP\r\n`
        const whole = atContent().feed(input)
        const cut = atContent().drip(input, size)
        expect(cut.output).toBe(whole.output)
        expect(cut.events).toEqual(whole.events)
        expect(cut.content.startsWith(whole.content) || whole.content.startsWith(cut.content)).toBe(true)
        if (!whole.output.startsWith('550')) expect(cut.content).toBe(whole.content)
      }),
      { numRuns: 500 },
    )
  })

  it('asks for a flush once much output waits, so that it keeps little however much is pipelined', () => {
    const driven = new Driven({ limits: { maxIdleCommands: 1_000_000 } })
    driven.feed('NOOP\r\nHELP\r\nEHLO a\r\n'.repeat(20_000))
    expect(driven.mostOutput).toBeLessThan(17_000)
    expect(driven.output.split('250 2.0.0 OK').length - 1).toBe(20_000)
  })

  it('keeps no more than a line of a command that has no end, and reads it in linear time', () => {
    const driven = new Driven({ limits: { maxUnauthenticatedBytes: 1e12 } })
    const chunk = new Uint8Array(65_536).fill(0x41)
    for (let count = 0; count < 500; count += 1) driven.feed(chunk)
    expect(driven.types()).toEqual(['connect', 'refused'])
    expect(driven.feed('\r\nNOOP\r\n').said()).toContain('250 2.0.0 OK')
  })

  it('gives every question exactly once', () => {
    const driven = new Driven()
      .feed('EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nDATA\r\n')
      .feed('a\r\n.\r\nQUIT\r\n')
    expect(driven.events.filter(isQuestion).map(({ type }) => type)).toEqual([
      'connect',
      'hello',
      'mail',
      'rcpt',
      'data',
      'end-of-data',
    ])
  })
})

describe('ServerSession: our name', () => {
  it('is that of each session, however they alternate', () => {
    for (const hostname of ['a.example.net', 'b.example.net', 'a.example.net']) {
      for (const protocol of ['smtp', 'lmtp'] as const) {
        const driven = new Driven({ hostname, protocol })
        const name = protocol === 'lmtp' ? 'LMTP' : 'ESMTP'
        expect(driven.feed('QUIT\r\n').said()).toBe(
          `220 ${hostname} ${name}\r\n221 2.0.0 ${hostname} closing connection\r\n`,
        )
      }
    }
  })
})
