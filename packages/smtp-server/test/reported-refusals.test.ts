/** An observer is told the replies that were said, and no others. */

import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import type { SmtpServerOptions } from '../src/index.ts'
import { Recorder, serve } from './harness.ts'

const NO = reply(550, '5.7.1', 'No')
const LATER = reply(421, '4.3.2', 'Later')
const WRONG = 'AUTH PLAIN AGFkYQB3cm9uZw=='
const ENVELOPE = ['MAIL FROM:<eve@example.org>', 'RCPT TO:<ada@example.net>']

interface Case {
  readonly what: string
  readonly answers: Readonly<Record<string, Reply>>
  readonly options?: Partial<SmtpServerOptions>
  /** Each sent in one write. */
  readonly flights: readonly (readonly string[])[]
  readonly told: readonly (readonly [line: string, code: number])[]
}

const CASES: readonly Case[] = [
  {
    what: '503 to DATA with something behind it, which is not asked about',
    answers: { content: NO },
    flights: [['EHLO a'], ENVELOPE, ['DATA', 'NOOP']],
    told: [['DATA', 503]],
  },
  {
    what: '503 to a response with something behind it, which is not judged',
    answers: {},
    flights: [['EHLO a'], ['AUTH PLAIN'], ['AGFkYQB3cm9uZw==', 'NOOP']],
    told: [['AUTH', 503]],
  },
  {
    what: '421 in the place of the last failure of AUTH',
    answers: {},
    flights: [['EHLO a'], [WRONG], [WRONG], [WRONG]],
    told: [
      ['AUTH', 535],
      ['AUTH', 535],
      ['', 421],
    ],
  },
  {
    what: '421 in the place of one MAIL too many that is refused',
    answers: { mail: NO },
    options: { limits: { maxIdleCommands: 2 } },
    flights: [['EHLO a'], [ENVELOPE[0] ?? ''], [ENVELOPE[0] ?? '']],
    told: [
      ['MAIL FROM:<eve@example.org>', 550],
      ['', 421],
    ],
  },
  {
    what: 'the 421 of a handler, as it is',
    answers: { content: LATER },
    flights: [['EHLO a'], ENVELOPE, ['DATA']],
    told: [['DATA', 421]],
  },
  { what: 'a greeting that refuses', answers: { connection: LATER }, flights: [], told: [['CONNECT', 421]] },
  {
    what: 'what refuses a BDAT, behind its octets',
    answers: { content: NO },
    flights: [['EHLO a'], ENVELOPE, ['BDAT 2 LAST', '']],
    told: [['BDAT', 550]],
  },
]

describe('reply.refused', () => {
  it.each(CASES)('is $what', async ({ answers, options, flights, told }) => {
    const given = Object.fromEntries(Object.entries(answers).map(([method, answer]) => [method, () => answer]))
    const harness = serve(Object.assign(new Recorder(), given), {
      mechanisms: ['PLAIN'],
      allowPlaintextAuth: true,
      ...options,
    })
    const client = await harness.pair()
    let last: string | undefined
    for (const lines of flights) {
      client.send(lines.map((line) => `${line}\r\n`).join(''))
      last = await client.reply()
      for (let more = lines.filter((line) => /^(MAIL|RCPT)/.test(line)).length; more > 1; more -= 1)
        await client.reply()
    }
    if (last !== undefined) expect(Number(last.slice(0, 3))).toBe(told.at(-1)?.[1])
    expect(harness.of('reply.refused').map((event) => [event.line, event.reply.code])).toEqual(told)
    expect(harness.faults()).toEqual([])
    await harness.server.stop({ deadlineMs: 0 })
  })
})
