import { describe, expect, it } from 'vitest'
import { COMMAND_ORDER } from '../src/index.ts'
import type { CommandState, Protocol, Verb } from '../src/index.ts'
import { Driven } from './server-helper.ts'

const STATES: readonly CommandState[] = ['connected', 'ready', 'mail', 'rcpt']

const ARGUMENTS: Partial<Record<Verb, string>> = {
  EHLO: ' client.example.org',
  HELO: ' client.example.org',
  LHLO: ' client.example.org',
  MAIL: ' FROM:<a@example.org>',
  RCPT: ' TO:<b@example.net>',
  VRFY: ' ada',
  AUTH: ' PLAIN AGFkYQBzZWNyZXQ=',
}

function inState(state: CommandState, protocol: Protocol): Driven {
  const driven = new Driven({ protocol, startTls: true, mechanisms: ['PLAIN'], allowPlaintextAuth: true })
  const steps = [
    '',
    `${protocol === 'lmtp' ? 'LHLO' : 'EHLO'} a\r\n`,
    'MAIL FROM:<>\r\n',
    'RCPT TO:<b@example.net>\r\n',
  ]
  for (const step of steps.slice(0, STATES.indexOf(state) + 1)) driven.feed(step)
  expect(driven.session.state).toBe(state)
  driven.said()
  driven.types()
  return driven
}

const cells = Object.entries(COMMAND_ORDER).flatMap(([name, allowed]) =>
  STATES.map((state) => ({ verb: name as Verb, state, allowed: allowed.includes(state) })),
)

describe('COMMAND_ORDER (RFC 5321 §4.1.4)', () => {
  it.each(cells.filter(({ allowed }) => allowed))('$verb is in order in state $state', ({ verb, state }) => {
    const driven = inState(state, verb === 'LHLO' ? 'lmtp' : 'smtp').feed(`${verb}${ARGUMENTS[verb] ?? ''}\r\n`)
    expect(driven.said()).not.toMatch(/^50/)
    expect(driven.types()).not.toContain('refused')
  })

  it.each(cells.filter(({ allowed }) => !allowed))(
    '$verb is answered 503 in state $state and changes nothing',
    ({ verb, state }) => {
      const driven = inState(state, verb === 'LHLO' ? 'lmtp' : 'smtp').feed(`${verb}${ARGUMENTS[verb] ?? ''}\r\n`)
      expect(driven.said()).toMatch(/^503 5\.5\.1 [^\n]*\r\n$/)
      expect(driven.types()).toEqual(['refused'])
      expect(driven.session.state).toBe(state)
    },
  )

  it.each(['EHLO', 'HELO'])('LMTP does not know %s (RFC 2033 §4.1)', (verb) => {
    expect(inState('connected', 'lmtp').feed(`${verb} a\r\n`).said()).toMatch(/^500 /)
  })
})
