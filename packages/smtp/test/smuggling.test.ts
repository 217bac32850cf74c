/**
 * End-of-data lookalikes: what some servers take for the end of a message and ours must not, so that what follows it is
 * never read as commands. Each is sent whole, split at every byte, by BDAT, and where bare newlines are repaired.
 */

import { describe, expect, it } from 'vitest'
import { binaryMime, EXTENSIONS, etrn, xclient } from '../src/index.ts'
import type { ServerSessionOptions } from '../src/index.ts'
import { hasCorpus, readCorpus } from './corpus.ts'
import { atContent, Driven, latin1, text, usualAnswer } from './server-helper.ts'

interface Sequences {
  readonly never_end_of_data: readonly string[]
  readonly end_of_data: readonly string[]
}

/** Line ends that are none, and what may stand beside the dot. */
const NEWLINES = [
  '\r',
  '\n',
  '\n\r',
  '\r\r\n',
  '\n\r\n',
  '\r\0\n',
  '\v\r\n',
  '\f\r\n',
  '\x85',
  '\u00a0\r\n',
  '\t\r\n',
  ' \r\n',
]
const VARIANTS = NEWLINES.flatMap((before) =>
  [...NEWLINES, '\r\n'].flatMap((after) => [`${before}.${after}`, `x\r\n${before}.${after}`]),
).filter((sequence) => !`\r\n${sequence}`.includes('\r\n.\r\n'))
/** Behind a true line end, but no true end follows. */
const HALF = NEWLINES.filter((after) => !after.startsWith('\r\n')).map((after) => `\r\n.${after}`)

const corpus: Sequences = hasCorpus
  ? JSON.parse(readCorpus('smtp-smuggling/end-of-data.json'))
  : { never_end_of_data: [], end_of_data: ['\r\n.\r\n'] }

const SEQUENCES = [...new Set([...corpus.never_end_of_data, ...VARIANTS, ...HALF])]
/** What would be read as commands if the sequence ended the message. */
const SMUGGLED = 'MAIL FROM:<s@a.test>\r\nRCPT TO:<v@b.test>\r\n'

const MODES: readonly Partial<ServerSessionOptions>[] = [{ bareNewlines: 'refuse' }, { bareNewlines: 'repair' }]

/** The session after one message: one transaction, nothing smuggled; whether it was accepted. */
function judge(driven: Driven): boolean {
  expect(driven.session.state).toBe('ready')
  expect(driven.events.filter(({ type }) => type === 'mail' || type === 'rcpt' || type === 'data')).toEqual([])
  const said = driven.said()
  expect(said).toMatch(/^(?:250 2\.0\.0|550 5\.6\.0) [^\r\n]*\r\n$/)
  return said.startsWith('250')
}

describe('end-of-data lookalikes', () => {
  it('are what the corpus has, and more', () => {
    expect(SEQUENCES.length).toBeGreaterThan(200)
    for (const sequence of SEQUENCES) expect(`\r\n${sequence}`).not.toContain('\r\n.\r\n')
  })

  it.each(MODES)('end no message behind DATA, in any cut: $bareNewlines (RFC 5321 §4.1.1.4)', (mode) => {
    for (const sequence of SEQUENCES) {
      const input = latin1(`text${sequence}${SMUGGLED}\r\n.\r\n`)
      const whole = atContent(mode).feed(input)
      const verdict = judge(whole)
      for (let at = 1; at < input.length; at += 1) {
        const split = atContent(mode).feed(input.slice(0, at)).feed(input.slice(at))
        expect(judge(split)).toBe(verdict)
        if (verdict) expect(split.content).toBe(whole.content)
      }
      const dripped = atContent(mode).drip(input, 1)
      expect(judge(dripped)).toBe(verdict)
      // What is accepted can be sent on without anybody being misled.
      if (verdict) expect(whole.content).not.toMatch(/\0|\r(?!\n)|(?<!\r)\n/)
    }
  })

  it.each(MODES)('end no message by BDAT, in any cut: $bareNewlines (RFC 3030 §2)', (mode) => {
    for (const sequence of [...SEQUENCES, ...corpus.end_of_data]) {
      const octets = `text${sequence}${SMUGGLED}`
      const input = latin1(`BDAT ${octets.length} LAST\r\n${octets}`)
      for (let at = 0; at < input.length; at += 1) {
        const driven = atChunks(mode).feed(input.slice(0, at)).feed(input.slice(at))
        expect(driven.types()).toEqual(expect.arrayContaining(['data']))
        if (judge(driven) && mode.bareNewlines === 'refuse') expect(driven.content).toBe(octets)
      }
    }
  })

  it.each(MODES)('end no message where they lie in two chunks: $bareNewlines', (mode) => {
    for (const sequence of [...SEQUENCES, ...corpus.end_of_data]) {
      for (let at = 0; at <= sequence.length; at += 1) {
        const chunks = [`text${sequence.slice(0, at)}`, `${sequence.slice(at)}${SMUGGLED}`]
        const [first = '', second = ''] = chunks
        const driven = atChunks(mode).feed(`BDAT ${first.length}\r\n${first}BDAT ${second.length} LAST\r\n${second}`)
        expect(driven.session.state).toBe('ready')
        expect(driven.events.filter(({ type }) => type === 'mail' || type === 'rcpt')).toEqual([])
        expect(driven.said()).toMatch(/^(?:250 2\.0\.0 OK\r\n(?:250|550)|550 5\.6\.0 [^\r]*\r\n503) [^\r\n]*\r\n$/)
      }
    }
  })

  it('are given as they are with BODY=BINARYMIME (RFC 3030 §3)', () => {
    for (const sequence of [...SEQUENCES, ...corpus.end_of_data]) {
      const octets = `text${sequence}${SMUGGLED}`
      const driven = new Driven({ extensions: [...EXTENSIONS, binaryMime] }).feed(
        'EHLO a\r\nMAIL FROM:<> BODY=BINARYMIME\r\nRCPT TO:<b@example.net>\r\n',
      )
      driven.feed(`BDAT ${octets.length} LAST\r\n${octets}`)
      expect(driven.content).toBe(octets)
      expect(driven.session.state).toBe('ready')
    }
  })

  it('CRLF.CRLF ends a message, in any cut (RFC 5321 §4.1.1.4)', () => {
    for (const sequence of corpus.end_of_data) {
      const input = latin1(`text${sequence}NOOP\r\n`)
      for (let at = 0; at < input.length; at += 1) {
        const driven = atContent().feed(input.slice(0, at)).feed(input.slice(at))
        expect(driven.said()).toBe('250 2.0.0 OK\r\n250 2.0.0 OK\r\n')
        expect(driven.content).toBe('text\r\n')
      }
    }
  })

  it('are made of bytes that are sent as they are', () => {
    expect(text(latin1('\x85\u00a0'))).toBe('\x85\u00a0')
  })
})

describe('line-end lookalikes (RFC 5321 §2.3.8)', () => {
  const options: Partial<ServerSessionOptions> = {
    mechanisms: ['LOGIN'],
    allowPlaintextAuth: true,
    trusted: true,
    extensions: [...EXTENSIONS, etrn, xclient],
  }
  /** Each with what must come before it, and where a second command would show. */
  const PLACES = [
    { place: 'a command', before: [], line: 'NOOP x' },
    { place: 'a hello', before: [], line: 'EHLO a' },
    { place: 'a command that is unknown', before: [], line: 'X x' },
    { place: 'VRFY', before: [], line: 'VRFY x' },
    { place: 'XCLIENT', before: [], line: 'XCLIENT NAME=x' },
    { place: 'AUTH', before: [], line: 'AUTH LOGIN YWRh' },
    { place: 'a response of AUTH', before: ['AUTH LOGIN'], line: 'YWRh' },
    { place: 'a cancelled AUTH', before: ['AUTH LOGIN'], line: '*' },
    { place: 'a line that is too long', before: [], line: 'x'.repeat(3_000) },
    { place: 'BDAT', before: ['MAIL FROM:<>', 'RCPT TO:<b@example.net>'], line: 'BDAT 0 LAST' },
    { place: 'DATA', before: ['MAIL FROM:<>', 'RCPT TO:<b@example.net>'], line: 'DATA' },
  ]

  it.each(PLACES)('make no second command of what follows them: $place', ({ before, line }) => {
    for (const newline of NEWLINES.filter((each) => !each.endsWith('\r\n'))) {
      for (const size of [1, 2, 5_000]) {
        const driven = new Driven(options, (event, session) => {
          if (event.type !== 'auth') return usualAnswer(event, session)
          session.challenge(latin1('Username:'))
          return undefined
        }).feed('EHLO a\r\n')
        for (const each of before) driven.feed(`${each}\r\n`)
        driven.types()
        driven.drip(`${line}${newline}ETRN #smuggled\r\n`, size)
        expect(JSON.stringify(driven.events)).not.toMatch(/"etrn"|"line":"ETRN/)
      }
    }
  })
})

/** A session in which the content may come by BDAT. */
function atChunks(options: Partial<ServerSessionOptions>): Driven {
  const driven = new Driven(options).feed('EHLO a\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\n')
  driven.said()
  driven.types()
  return driven
}
