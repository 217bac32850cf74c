import { reply } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { atrn, EXTENSIONS, etrn, expn, LocalProtocolError, xclient, xforward } from '../src/index.ts'
import type { QuestionEvent, ServerSessionOptions } from '../src/index.ts'
import { Driven, latin1, usualAnswer } from './server-helper.ts'

const OPTIONS: Partial<ServerSessionOptions> = {
  startTls: true,
  mechanisms: ['PLAIN'],
  allowPlaintextAuth: true,
  trusted: true,
  commands: ['X-PING'],
  extensions: [...EXTENSIONS, expn, etrn, atrn, xclient, xforward],
}

const LOGIN = 'AUTH PLAIN AGFkYQBzZWNyZXQ=\r\n'
const RCPT = 'EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\n'

/** RFC 5321 §4.3.2, RFC 4954 §4, RFC 1985 §5.1, RFC 2645 §7 */
const QUESTIONS: readonly { type: QuestionEvent['type']; steps: string; accepts: readonly number[]; usual: boolean }[] =
  [
    { type: 'hello', steps: 'EHLO a\r\n', accepts: [250], usual: true },
    { type: 'starttls', steps: 'EHLO a\r\n|STARTTLS\r\n', accepts: [], usual: true },
    { type: 'auth', steps: `EHLO a\r\n|${LOGIN}`, accepts: [235], usual: false },
    { type: 'auth-response', steps: 'EHLO a\r\n|AUTH PLAIN\r\n|AGFkYQBzZWNyZXQ=\r\n', accepts: [235], usual: false },
    { type: 'mail', steps: 'EHLO a\r\n|MAIL FROM:<>\r\n', accepts: [250], usual: false },
    { type: 'rcpt', steps: RCPT, accepts: [250, 251], usual: false },
    { type: 'data', steps: `${RCPT}|DATA\r\n`, accepts: [], usual: true },
    { type: 'data', steps: `${RCPT}|BDAT 0\r\n`, accepts: [], usual: true },
    { type: 'end-of-data', steps: `${RCPT}|DATA\r\n|.\r\n`, accepts: [250], usual: false },
    { type: 'end-of-data', steps: `${RCPT}|BDAT 0\r\n|BDAT 0 LAST\r\n`, accepts: [250], usual: false },
    { type: 'vrfy', steps: 'VRFY ada\r\n', accepts: [250, 251, 252], usual: true },
    { type: 'expn', steps: 'EXPN crew\r\n', accepts: [250, 252], usual: true },
    { type: 'help', steps: 'HELP\r\n', accepts: [211, 214], usual: true },
    { type: 'etrn', steps: 'EHLO a\r\n|ETRN example.org\r\n', accepts: [250, 251, 252, 253], usual: false },
    { type: 'atrn', steps: `EHLO a\r\n|${LOGIN}|ATRN\r\n`, accepts: [250], usual: false },
    { type: 'xclient', steps: 'XCLIENT NAME=a\r\n', accepts: [], usual: true },
    { type: 'xforward', steps: 'EHLO a\r\n|XFORWARD NAME=a\r\n', accepts: [], usual: true },
  ]

const SUCCESSES = [200, 211, 214, 220, 221, 235, 250, 251, 252, 253, 299]
const INTERMEDIATE = [300, 334, 354]
/** RFC 5321 §4.2.3, RFC 4954 §6, RFC 1985 §5.1, RFC 2645 §7, RFC 7504 §3 */
const REFUSALS = [
  421, 432, 450, 451, 452, 453, 454, 455, 458, 459, 500, 501, 502, 503, 504, 521, 530, 534, 535, 538, 550, 551, 552,
  553, 554, 555, 556, 599,
]

/** A session in which the question waits. */
function waiting(type: QuestionEvent['type'], steps: string): Driven {
  let asked = false
  const driven = new Driven(OPTIONS, (event, session) => {
    if (event.type === 'auth' && type === 'auth-response') {
      session.challenge(latin1(''))
      return undefined
    }
    return usualAnswer(event, session)
  })
  const lines = steps.split('|')
  const last = lines.pop()?.split(/(?<=\r\n)/) ?? []
  for (const line of [...lines, ...last.slice(0, -1)]) driven.feed(line)
  driven.session.receive(latin1(last.at(-1) ?? ''))
  for (let event = driven.session.next(); event !== undefined; event = driven.session.next())
    asked = event.type === type
  expect(asked).toBe(true)
  driven.take()
  driven.said()
  return driven
}

function takes(type: QuestionEvent['type'], steps: string, code: number | undefined): boolean {
  const driven = waiting(type, steps)
  try {
    driven.session.answer(code === undefined ? undefined : reply(code, undefined, 'as you like'))
  } catch (error) {
    expect(error).toBeInstanceOf(LocalProtocolError)
    expect(driven.session.waiting).toBe(true)
    return false
  }
  driven.drain()
  if (code !== undefined && !(type === 'hello' && code === 250)) expect(driven.said()).toMatch(new RegExp(`^${code} `))
  return true
}

describe('the answers to a question (RFC 5321 §4.3.2)', () => {
  it.each(QUESTIONS)('$type takes the successes of its command: $accepts', ({ type, steps, accepts }) => {
    expect(SUCCESSES.filter((code) => takes(type, steps, code))).toEqual(accepts)
  })

  it.each(QUESTIONS)('$type takes every refusal', ({ type, steps }) => {
    expect(REFUSALS.filter((code) => takes(type, steps, code))).toEqual(REFUSALS)
  })

  it.each(QUESTIONS)('$type takes no intermediate reply, and no number that is no code', ({ type, steps }) => {
    expect([...INTERMEDIATE, 0, 99, 199, 600, 250.5, Number.NaN].filter((code) => takes(type, steps, code))).toEqual([])
  })

  it.each(QUESTIONS)('$type: $usual is whether it has a usual answer', ({ type, steps, usual }) => {
    expect(takes(type, steps, undefined)).toBe(usual)
  })

  it('of a command that was agreed on may be any', () => {
    const all = [...SUCCESSES, ...INTERMEDIATE, ...REFUSALS, undefined]
    const taken = all.filter((code) => takes('command', 'X-PING\r\n', code))
    expect(taken).toEqual([...SUCCESSES, ...REFUSALS])
  })

  it('to the connection is 220, or a refusal with which it ends (RFC 5321 §3.1)', () => {
    const greet = (code: number | undefined): string => {
      try {
        const driven = new Driven({}, () => (code === undefined ? undefined : reply(code, '4.0.0', 'x')))
        return `${driven.session.state} ${driven.said().slice(0, 3)}`
      } catch (error) {
        return String(error)
      }
    }
    expect(greet(undefined)).toBe('connected 220')
    expect(greet(220)).toBe('connected 220')
    for (const code of REFUSALS) expect(greet(code)).toBe(`${code < 500 ? 'closed' : 'refused'} ${code}`)
    for (const code of [...SUCCESSES.filter((each) => each !== 220), ...INTERMEDIATE]) {
      expect(greet(code)).toContain('not an answer to connect')
    }
  })
})
