import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import * as smtp from '../src/index.ts'
import {
  atrn,
  binaryMime,
  deliverBy,
  etrn,
  expn,
  EXTENSIONS,
  futureRelease,
  mtPriority,
  noSoliciting,
} from '../src/index.ts'
import { LocalProtocolError, requireTls, rrvs, xclient, xforward } from '../src/index.ts'
import type {
  Extension,
  ExtensionContext,
  MailRequest,
  ParameterResult,
  RcptRequest,
  ServerSessionOptions,
} from '../src/index.ts'
import { extensionTable } from '../src/extension-table.ts'
import { Driven } from './server-helper.ts'

const NOW = Date.UTC(2026, 0, 1)
const TLS = { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' }

const ALL: readonly Extension[] = [
  ...EXTENSIONS,
  binaryMime,
  deliverBy({ minSeconds: 60 }),
  futureRelease({ maxSeconds: 3_600, now: () => NOW }),
  mtPriority(),
  requireTls,
  noSoliciting(),
  rrvs,
  expn,
  etrn,
  atrn,
  xclient,
  xforward,
]

function mailOf(parameters: string, options: Partial<ServerSessionOptions> = {}, before = ''): MailRequest | string {
  const driven = new Driven({ protocol: 'submission', extensions: ALL, ...options })
  driven.feed(`EHLO a\r\n`)
  if (before !== '') driven.feed(before)
  driven.said()
  driven.feed(`MAIL FROM:<>${parameters}\r\n`)
  const event = driven.events.at(-1)
  return event?.type === 'mail' ? event.mail : driven.said()
}

function rcptOf(parameters: string, options: Partial<ServerSessionOptions> = {}): RcptRequest | string {
  const driven = new Driven({ extensions: ALL, ...options }).feed('EHLO a\r\nMAIL FROM:<>\r\n')
  driven.said()
  driven.feed(`RCPT TO:<postmaster>${parameters}\r\n`)
  const event = driven.events.at(-1)
  return event?.type === 'rcpt' ? event.rcpt : driven.said()
}

describe('extensions: what they add to a command line (RFC 5321 §4.5.3.1.4)', () => {
  it('leaves room in the default limit for those of the default', () => {
    expect(extensionTable(EXTENSIONS).lineBytes).toBe(1_181)
    expect(extensionTable(EXTENSIONS).lineBytes).toBeLessThanOrEqual(smtp.DEFAULT_SESSION_LIMITS.maxCommandLineBytes)
    expect(extensionTable(ALL).lineBytes).toBe(2_281)
  })

  it('is counted for RCPT as for MAIL', () => {
    const ofRcpt = ALL.filter(({ rcptOctets = 0 }) => rcptOctets > 0).map((each) => ({ ...each, mailOctets: 0 }))
    expect(extensionTable(ofRcpt).lineBytes).toBe(1_081)
    expect(extensionTable([]).lineBytes).toBe(512)
  })
})

describe('extensions: what the handler is told', () => {
  it.each([
    { parameters: ' BY=120;R', fields: { deliverBy: { seconds: 120, mode: 'return', trace: false } } },
    { parameters: ' BY=-5;nt', fields: { deliverBy: { seconds: -5, mode: 'notify', trace: true } } },
    { parameters: ' BY=-0;N', fields: { deliverBy: { seconds: 0, mode: 'notify', trace: false } } },
    { parameters: ' HOLDFOR=60', fields: { hold: { forSeconds: 60 } } },
    { parameters: ' HOLDUNTIL=2026-01-01T00:01:00Z', fields: { hold: { until: NOW + 60_000 } } },
    { parameters: ' MT-PRIORITY=-3', fields: { mtPriority: -3 } },
    { parameters: ' MT-PRIORITY=0', fields: { mtPriority: 0 } },
    { parameters: ' SOLICIT=a,net.example:ADV', fields: { solicitations: ['a', 'net.example:ADV'] } },
    { parameters: ' BODY=BINARYMIME', fields: { body: 'binarymime' } },
    { parameters: ' BODY=8BITMIME', fields: { body: '8bitmime' } },
    { parameters: '', fields: {} },
  ])('MAIL$parameters', ({ parameters, fields }) => {
    expect(mailOf(parameters)).toEqual({ reversePath: null, ...fields })
  })

  it('REQUIRETLS under TLS (RFC 8689 §2)', () => {
    const driven = new Driven({ extensions: ALL, startTls: true }).feed('EHLO a\r\nSTARTTLS\r\n')
    driven.session.secured(TLS)
    driven.feed('EHLO a\r\nMAIL FROM:<> REQUIRETLS\r\n')
    expect(driven.events.at(-1)).toEqual({ type: 'mail', mail: { reversePath: null, requireTls: true } })
  })

  it.each([
    { parameters: ' RRVS=2026-01-01T00:00:00Z', validSince: { at: NOW, action: 'reject' } },
    { parameters: ' RRVS=2026-01-01T00:00:00Z;r', validSince: { at: NOW, action: 'reject' } },
    { parameters: ' RRVS=2026-01-01T01:00:00+01:00;C', validSince: { at: NOW, action: 'continue' } },
  ])('RCPT$parameters (RFC 7293 §3.1)', ({ parameters, validSince }) => {
    expect(rcptOf(parameters)).toEqual({ forwardPath: 'postmaster', validSince })
  })

  it('an internationalized address that was sent under the type rfc822, as what it is (RFC 6533 §3)', () => {
    const orcpt = { type: 'utf-8', address: 'åda@example.net' }
    expect(rcptOf(' ORCPT=rfc822;+C3+A5da@example.net')).toMatchObject({ orcpt })
    expect(rcptOf(' ORCPT=rfc822;ada@example.net')).toMatchObject({ orcpt: { type: 'rfc822' } })
  })

  it('who submitted a message only where the client has authenticated or is trusted (RFC 4954 §5)', () => {
    const auth = { mechanisms: ['PLAIN'], allowPlaintextAuth: true }
    const parameter = ' AUTH=eve+40example.org'
    expect(mailOf(parameter)).toEqual({ reversePath: null, submitter: null })
    expect(mailOf(parameter, auth)).toEqual({ reversePath: null, submitter: null })
    expect(mailOf(parameter, { trusted: true })).toEqual({ reversePath: null, submitter: 'eve@example.org' })
    expect(mailOf(parameter, auth, 'AUTH PLAIN AGFkYQBzZWNyZXQ=\r\n')).toMatchObject({ submitter: 'eve@example.org' })
    expect(mailOf(' AUTH=<>', { trusted: true })).toEqual({ reversePath: null, submitter: null })
    expect(mailOf(' AUTH=+3C+3E', { trusted: true })).toEqual({ reversePath: null, submitter: null })
  })

  it('a raised priority only where the client has authenticated or is trusted (RFC 6710 §4.1)', () => {
    expect(mailOf(' MT-PRIORITY=9')).toMatchObject({ mtPriority: 0 })
    expect(mailOf(' MT-PRIORITY=9', { trusted: true })).toMatchObject({ mtPriority: 9 })
    expect(
      mailOf(' MT-PRIORITY=4', { mechanisms: ['PLAIN'], allowPlaintextAuth: true }, 'AUTH PLAIN AGFkYQBzZWNyZXQ=\r\n'),
    ).toMatchObject({ mtPriority: 4 })
  })

  it('no list of solicitations over 1,000 characters (RFC 3865 §2.2)', () => {
    expect(mailOf(` SOLICIT=${'a'.repeat(1_000)}`)).toMatchObject({ solicitations: ['a'.repeat(1_000)] })
    expect(mailOf(` SOLICIT=${'a'.repeat(1_001)}`)).toMatch(/^501 5\.5\.4 /)
  })
})

describe('extensions of one’s own', () => {
  const tag: Extension = {
    name: 'X-TAG',
    keyword: ({ extensions }) => `X-TAG ${extensions.has('X-TAG')}`,
    mail: {
      'X-TAG': (value) => ({ ok: true, fields: { parameters: new Map([['X-TAG', value]]) } }),
      'X-NEVER': () => ({ ok: false, refusal: reply(550, '5.7.1', 'Never') }),
    },
    rcpt: { 'X-TAG': (value) => ({ ok: true, fields: { parameters: new Map([['X-TAG', value]]) } }) },
  }
  const other: Extension = {
    name: 'X-OTHER',
    keyword: () => 'X-OTHER',
    mail: {
      'X-OTHER': (value) => ({ ok: true, fields: { parameters: new Map([['X-OTHER', value]]) } }),
      'X-TAG': () => ({ ok: false, refusal: 'syntax' }),
    },
    checkMail: ({ parameters }) => (parameters?.get('X-OTHER') === 'no' ? reply(554, '5.0.0', 'Not so') : undefined),
  }
  const extensions = [...EXTENSIONS, tag, other]

  it('are announced and give their parameters, joined', () => {
    const driven = new Driven({ extensions }).feed('EHLO a\r\n')
    expect(driven.said()).toMatch(/250-X-TAG true\r\n250 X-OTHER\r\n$/)
    expect(mailOf(' X-TAG=1', { extensions })).toEqual({ reversePath: null, parameters: new Map([['X-TAG', '1']]) })
    expect(mailOf(' x-other x-tag=2', { extensions })).toEqual({
      reversePath: null,
      parameters: new Map([
        ['X-OTHER', undefined],
        ['X-TAG', '2'],
      ]),
    })
    expect(rcptOf(' X-TAG', { extensions })).toMatchObject({ parameters: new Map([['X-TAG', undefined]]) })
  })

  it('refuse with a reply of their own', () => {
    expect(mailOf(' X-NEVER', { extensions })).toBe('550 5.7.1 Never\r\n')
    expect(mailOf(' X-OTHER=no', { extensions })).toBe('554 5.0.0 Not so\r\n')
    expect(mailOf(' X-TAG=1 X-TAG=1', { extensions })).toMatch(/^501 /)
  })

  it('read a value that another before them refuses', () => {
    expect(mailOf(' X-TAG=1', { extensions: [...EXTENSIONS, other, tag] })).toMatchObject({
      parameters: new Map([['X-TAG', '1']]),
    })
    expect(mailOf(' X-TAG=1', { extensions: [...EXTENSIONS, other] })).toMatch(/^501 /)
  })
})

describe('extensions: what a session says in the place of the handler (ParameterResult.accepted)', () => {
  const changed = reply(250, '2.3.6', '-1 is the priority')
  const read = (): ParameterResult<object> => ({ ok: true, fields: {}, accepted: changed })
  const changing: Extension = {
    name: 'X-LOW',
    keyword: () => 'X-LOW',
    mail: { 'X-LOW': read },
    rcpt: { 'X-LOW': read },
  }
  const plain: Extension = {
    name: 'X-PLAIN',
    keyword: () => 'X-PLAIN',
    mail: {
      'X-PLAIN': () => ({ ok: true, fields: {} }),
      'X-ALSO': () => ({ ok: true, fields: {}, accepted: reply(250, '2.0.0', 'also') }),
    },
  }
  const ANSWERS: readonly { answer: Reply; said: string }[] = [
    { answer: reply(250, '2.1.0', 'OK'), said: '250 2.3.6 -1 is the priority' },
    { answer: reply(250, '2.3.6', '-5 is the priority'), said: '250 2.3.6 -5 is the priority' },
    { answer: reply(550, '5.7.15', 'No'), said: '550 5.7.15 No' },
    { answer: reply(451, '4.3.0', 'Later'), said: '451 4.3.0 Later' },
  ]
  const talk = (input: string, answer: Reply): string => {
    const driven = new Driven({ extensions: [...EXTENSIONS, changing, plain] }, (event) =>
      event.type === 'mail' || event.type === 'rcpt' ? answer : undefined,
    ).feed('EHLO a\r\n')
    driven.said()
    return driven.feed(input).said()
  }

  it.each(ANSWERS)('is $said where the handler says $answer.status', ({ answer, said }) => {
    expect(talk('MAIL FROM:<> X-LOW\r\n', answer)).toBe(`${said}\r\n`)
  })

  it('is the first that any parameter asks for, also behind one that asks for nothing', () => {
    const { answer, said } = ANSWERS[0] ?? expect.unreachable()
    expect(talk('MAIL FROM:<> X-PLAIN X-LOW X-ALSO\r\n', answer)).toBe(`${said}\r\n`)
  })

  it('is nothing for the commands behind', () => {
    const { answer, said } = ANSWERS[0] ?? expect.unreachable()
    const usual = '250 2.1.0 OK'
    expect(talk('MAIL FROM:<> X-LOW\r\nRCPT TO:<a@b.test>\r\nRSET\r\nMAIL FROM:<>\r\n', answer)).toBe(
      [said, usual, '250 2.0.0 OK', usual, ''].join('\r\n'),
    )
  })

  it('is said to RCPT, too, but for 251, which says more', () => {
    const { answer, said } = ANSWERS[0] ?? expect.unreachable()
    expect(talk('MAIL FROM:<>\r\nRCPT TO:<a@b.test> X-LOW\r\n', answer)).toBe(`250 2.1.0 OK\r\n${said}\r\n`)
    const driven = new Driven({ extensions: [...EXTENSIONS, changing] }, (event) => {
      if (event.type === 'rcpt') return reply(251, '2.1.5', 'elsewhere')
      return event.type === 'mail' ? answer : undefined
    }).feed('EHLO a\r\nMAIL FROM:<>\r\n')
    driven.said()
    expect(driven.feed('RCPT TO:<a@b.test> X-LOW\r\n').said()).toBe('251 2.1.5 elsewhere\r\n')
  })
})

describe('extensions: the lines of the reply to EHLO (RFC 5321 §4.1.1.1, §4.5.3.1.5)', () => {
  const helloTo = (options: Partial<ServerSessionOptions>): readonly string[] => {
    const driven = new Driven(options)
    driven.said()
    return driven.feed('EHLO a\r\n').said().split('\r\n')
  }
  const announcing = (line: string | undefined): Extension => ({ name: 'X-OWN', keyword: () => line })
  const holdsOrNot =
    (holds: (context: ExtensionContext) => boolean): Extension['keyword'] =>
    (context) =>
      holds(context) ? 'no_line' : undefined
  const code = (make: () => unknown): string => {
    try {
      make()
      return 'made'
    } catch (error) {
      return error instanceof LocalProtocolError ? error.code : String(error)
    }
  }

  it('are never folded', () => {
    const classes = [`net.example:${'a'.repeat(480)}`]
    expect(helloTo({ extensions: [noSoliciting({ classes })] })).toEqual([
      '250-mx.example.net',
      `250 NO-SOLICITING ${classes.join(',')}`,
      '',
    ])
  })

  it.each([
    { what: 'more than the line has room for', classes: ['a'.repeat(493)] },
    { what: 'too many', classes: Array.from({ length: 50 }, (_, index) => `net.example:A${index}`) },
    { what: 'no keyword', classes: ['net.example:ADV', '1a'] },
    { what: 'two in one', classes: ['a,b'] },
    { what: 'an empty one', classes: [''] },
    { what: 'one with a space', classes: ['a b'] },
  ])('are no classes of solicitation where that is $what (RFC 3865 §2.2)', ({ classes }) => {
    expect(code(() => noSoliciting({ classes }))).toBe('SMTP_EXTENSION')
  })

  it('are classes of solicitation up to 492 characters', () => {
    expect(code(() => noSoliciting({ classes: ['a'.repeat(400), 'b'.repeat(91)] }))).toBe('made')
    expect(code(() => noSoliciting({ classes: ['a'.repeat(400), 'b'.repeat(92)] }))).toBe('SMTP_EXTENSION')
  })

  it.each(['', 'a b', 'å', 'a'.repeat(21), 'a/b'])('are no profile of priorities: %j (RFC 6710 §7)', (profile) => {
    expect(code(() => mtPriority({ profile }))).toBe('SMTP_EXTENSION')
  })

  it.each(['MIXER', 'a', 'A-1_b.c', 'a'.repeat(20)])('are a profile of priorities: %j (RFC 6710 §7)', (profile) => {
    expect(helloTo({ extensions: [mtPriority({ profile })] })).toContain(`250 MT-PRIORITY ${profile}`)
  })

  it.each([
    '',
    ' X-OWN',
    'X-OWN ',
    'X-OWN  a',
    'X-OWN a\r\n250 XCLIENT',
    'X_OWN',
    'X-OWN å',
    '-X',
    `X-OWN ${'a'.repeat(501)}`,
  ])('are not %j of an extension of one’s own: no session is made', (line) => {
    expect(code(() => new Driven({ extensions: [...EXTENSIONS, announcing(line)] }))).toBe('SMTP_EXTENSION')
  })

  it.each(['X-OWN', '8X', 'X-OWN a b=c "d"', `X-OWN ${'a'.repeat(500)}`])(
    'are %j of an extension of one’s own',
    (line) => {
      expect(helloTo({ extensions: [announcing(line)] })).toContain(`250 ${line}`)
    },
  )

  it.each<{ where: string; holds: (context: ExtensionContext) => boolean }>([
    { where: 'before TLS', holds: ({ startTls }) => startTls },
    { where: 'under TLS', holds: ({ secured }) => secured },
    { where: 'before AUTH', holds: ({ mechanisms }) => mechanisms.includes('PLAIN') },
    { where: 'behind AUTH', holds: ({ authenticated, believed }) => authenticated && believed },
    { where: 'behind AUTH under TLS', holds: ({ authenticated, secured }) => authenticated && secured },
    { where: 'before a trusted client', holds: ({ trusted, believed }) => trusted && believed },
    { where: 'where a limit is set', holds: ({ limits }) => limits.maxRecipients === 100 },
  ])('are judged $where before a session stands there', ({ holds }) => {
    const extensions = [...EXTENSIONS, { name: 'X-OWN', keyword: holdsOrNot(holds) }]
    const options = { mechanisms: ['PLAIN'], trusted: true, limits: { maxRecipients: 100 }, extensions }
    expect(code(() => new Driven(options))).toBe('SMTP_EXTENSION')
  })

  it('are left out where they become none later', () => {
    let line = 'X-OWN'
    const extensions = [{ name: 'X-OWN', keyword: () => line }]
    const options = { hostname: 'mx.example.net', protocol: 'smtp', extensions } as const
    expect(helloTo(options)).toContain('250 X-OWN')
    const driven = new Driven(options)
    driven.said()
    line = 'X-OWN\r\n250 XCLIENT'
    expect(driven.feed('EHLO a\r\n').said()).toBe('250 mx.example.net\r\n')
  })
})
