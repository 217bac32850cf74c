import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { ServerSession } from '../src/index.ts'
import type { ServerSessionOptions } from '../src/index.ts'
import { Driven, isQuestion, latin1, text, usualAnswer } from './server-helper.ts'

const NO = reply(550, '5.7.1', 'No')
const LATER = reply(421, '4.3.2', 'Later')
const WRONG = reply(535, '5.7.8', 'Wrong')
const IN = reply(235, '2.7.0', 'Welcome')
const HELLO = 'EHLO client.example.org\r\n'
const ENVELOPE = 'MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\n'

/** A session of which the last line is a question that waits, and what was said before. */
function ask(lines: string, options: Partial<ServerSessionOptions>): ServerSession {
  const session = new ServerSession({
    hostname: 'mx.example.net',
    protocol: 'smtp',
    belowFloors: 'allow',
    mechanisms: ['PLAIN'],
    allowPlaintextAuth: true,
    ...options,
  })
  const last = lines.lastIndexOf('\r\n', lines.length - 3) + 2
  for (const part of [lines.slice(0, last), lines.slice(last)]) {
    session.receive(latin1(part))
    for (let event = session.next(); event !== undefined; event = session.next()) {
      if (part !== lines.slice(last) && isQuestion(event)) session.answer(usualAnswer(event, session))
    }
  }
  session.takeOutput()
  expect(session.waiting).toBe(true)
  return session
}

const saidBy = (session: ServerSession): string => text(session.takeOutput() ?? new Uint8Array(0))

describe('ServerSession: a reply in the place of an answer', () => {
  const AUTH = `${HELLO}AUTH PLAIN AGFkYQBzZWNyZXQ=\r\n`
  it.each<{ what: string; lines: string; answer: Reply | undefined }>([
    { what: 'DATA that is taken', lines: `${HELLO}${ENVELOPE}DATA\r\n`, answer: undefined },
    { what: 'DATA that is refused', lines: `${HELLO}${ENVELOPE}DATA\r\n`, answer: NO },
    { what: 'DATA with which the session was to end', lines: `${HELLO}${ENVELOPE}DATA\r\n`, answer: LATER },
    { what: 'AUTH that succeeds', lines: AUTH, answer: IN },
    { what: 'AUTH that fails', lines: AUTH, answer: WRONG },
    { what: 'AUTH with which the session was to end', lines: AUTH, answer: LATER },
  ])('is told where something is behind $what', ({ lines, answer }) => {
    const session = ask(lines, {})
    session.receive(latin1('NOOP\r\n'))
    session.answer(answer)
    expect(session.next()).toMatchObject({ type: 'refused', line: '', reply: { code: 503 } })
    expect(saidBy(session)).toMatch(/^503 5\.5\.1 [^\r]+\r\n$/)
    expect([session.state, session.next()]).toEqual(['closed', undefined])
  })

  it.each<{ what: string; lines: string; answer: Reply; options: Partial<ServerSessionOptions> }>([
    {
      what: 'a MAIL too many',
      lines: `${HELLO}MAIL FROM:<>\r\n`,
      answer: NO,
      options: { limits: { maxIdleCommands: 1 } },
    },
    {
      what: 'a RCPT too many',
      lines: `${HELLO}${ENVELOPE}`,
      answer: NO,
      options: { limits: { maxIdleCommands: 1 } },
    },
    {
      what: 'a DATA too many',
      lines: `${HELLO}${ENVELOPE}DATA\r\n`,
      answer: NO,
      options: { limits: { maxIdleCommands: 1 } },
    },
    {
      what: 'a failure too many',
      lines: AUTH,
      answer: WRONG,
      options: { limits: { maxAuthFailures: 1 } },
    },
  ])('is told where a limit is reached by $what', ({ lines, answer, options }) => {
    const session = ask(lines, options)
    session.answer(answer)
    expect(session.next()).toMatchObject({ type: 'refused', line: '', reply: { code: 421 } })
    expect(saidBy(session)).toMatch(/^421 4\.7\.0 [^\r]+\r\n$/)
    expect([session.state, session.next()]).toEqual(['closed', undefined])
  })

  it('is none where the answer itself is said', () => {
    const driven = new Driven({}, (event, session) => (event.type === 'mail' ? LATER : usualAnswer(event, session)))
    driven.feed(`${HELLO}MAIL FROM:<>\r\n`)
    expect(driven.types()).toEqual(['connect', 'hello', 'mail'])
    expect(driven.said()).toMatch(/421 4\.3\.2 Later\r\n$/)
    expect(driven.session.state).toBe('closed')
  })
})
