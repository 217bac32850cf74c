import { describe, expect, it } from 'vitest'
import { atrn, COMMAND_ORDER, etrn, expn, EXTENSIONS, xclient, xforward } from '../src/index.ts'
import type { CommandState, Protocol, Verb } from '../src/index.ts'
import { Driven } from './server-helper.ts'

const STATES: readonly CommandState[] = ['connected', 'ready', 'mail', 'rcpt', 'chunks']
const PROTOCOLS: readonly Protocol[] = ['smtp', 'submission', 'lmtp']

const ARGUMENTS: Partial<Record<Verb, string>> = {
  EHLO: ' client.example.org',
  HELO: ' client.example.org',
  LHLO: ' client.example.org',
  MAIL: ' FROM:<a@example.org>',
  RCPT: ' TO:<b@example.net>',
  BDAT: ' 0',
  VRFY: ' ada',
  EXPN: ' list',
  AUTH: ' PLAIN AGFkYQBzZWNyZXQ=',
  ETRN: ' example.org',
  XCLIENT: ' NAME=client.example.org',
  XFORWARD: ' NAME=client.example.org',
}

/** The words that a protocol does not know (RFC 2033 §4.1). */
const UNKNOWN: Readonly<Record<Protocol, readonly Verb[]>> = {
  smtp: ['LHLO'],
  submission: ['LHLO'],
  lmtp: ['EHLO', 'HELO'],
}

/** Puts a session into a state, with every command possible; ATRN needs an authentication, which AUTH must not have had. */
function inState(state: CommandState, protocol: Protocol, verb: Verb): Driven {
  const driven = new Driven({
    protocol,
    startTls: true,
    mechanisms: ['PLAIN'],
    allowPlaintextAuth: true,
    trusted: true,
    extensions: [...EXTENSIONS, expn, etrn, atrn, xclient, xforward],
  })
  const hello = `${protocol === 'lmtp' ? 'LHLO' : 'EHLO'} a\r\n`
  const isKnown = verb === 'ATRN' && state !== 'connected'
  const steps = [
    '',
    isKnown ? `${hello}AUTH PLAIN AGFkYQBzZWNyZXQ=\r\n` : hello,
    'MAIL FROM:<>\r\n',
    'RCPT TO:<b@example.net>\r\n',
    'BDAT 2\r\na\r',
  ]
  for (const step of steps.slice(0, STATES.indexOf(state) + 1)) driven.feed(step)
  expect(driven.session.state).toBe(state)
  driven.said()
  driven.types()
  return driven
}

const cells = Object.entries(COMMAND_ORDER).flatMap(([name, allowed]) =>
  PROTOCOLS.flatMap((protocol) =>
    STATES.map((state) => ({ verb: name as Verb, protocol, state, allowed: allowed.includes(state) })),
  ),
)
const known = cells.filter(({ verb, protocol }) => !UNKNOWN[protocol].includes(verb))

describe('COMMAND_ORDER (RFC 5321 §4.1.4)', () => {
  it.each(known.filter(({ allowed }) => allowed))(
    '$verb is in order in state $state of $protocol',
    ({ verb, protocol, state }) => {
      const driven = inState(state, protocol, verb).feed(`${verb}${ARGUMENTS[verb] ?? ''}\r\n`)
      // EXPN is not carried out unless the handler does.
      expect(driven.said()).toMatch(verb === 'EXPN' ? /^502 / : /^[23]/)
      expect(driven.types()).not.toContain('refused')
    },
  )

  it.each(known.filter(({ allowed }) => !allowed))(
    '$verb is answered 503 in state $state of $protocol and changes nothing',
    ({ verb, protocol, state }) => {
      const driven = inState(state, protocol, verb).feed(`${verb}${ARGUMENTS[verb] ?? ''}\r\n`)
      expect(driven.said()).toMatch(/^503 5\.5\.1 [^\n]*\r\n$/)
      expect(driven.types()).toEqual(['refused'])
      expect(driven.session.state).toBe(state)
    },
  )

  it.each(cells.filter(({ verb, protocol }) => UNKNOWN[protocol].includes(verb)))(
    '$verb is not known to $protocol in state $state (RFC 2033 §4.1)',
    ({ verb, protocol, state }) => {
      const driven = inState(state, protocol, verb).feed(`${verb} a\r\n`)
      expect(driven.said()).toMatch(/^500 5\.5\.2 [^\n]*\r\n$/)
      expect(driven.session.state).toBe(state)
    },
  )

  it.each([
    ...(['STARTTLS', 'AUTH', 'HELP', 'EXPN', 'ETRN', 'ATRN', 'XCLIENT', 'XFORWARD'] as const).map(
      (verb) => ({ verb, code: '502 5.5.1' }) as const,
    ),
    ...(['VERB', 'ONEX'] as const).map((verb) => ({ verb, code: '500 5.5.2' }) as const),
  ])('$verb is answered $code in every state where no extension brings it (RFC 5321 §4.2.4)', ({ verb, code }) => {
    const extensions = EXTENSIONS.filter(({ name }) => name === 'ENHANCEDSTATUSCODES')
    for (const [steps, state] of [
      ['', 'connected'],
      ['EHLO a\r\n', 'ready'],
      ['EHLO a\r\nMAIL FROM:<>\r\n', 'mail'],
    ] as const) {
      const driven = new Driven({ extensions, trusted: true, startTls: true, mechanisms: ['PLAIN'] }).feed(steps)
      driven.said()
      expect(driven.feed(`${verb}${ARGUMENTS[verb] ?? ''}\r\n`).said()).toMatch(new RegExp(`^${code} [^\\n]*\\r\\n$`))
      expect(driven.session.state).toBe(state)
    }
  })
})
