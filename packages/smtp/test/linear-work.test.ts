/** Whatever a peer sends, in whatever pieces: each byte is looked at a few times, and no more often if there are many. */

import { describe, expect, it } from 'vitest'
import { ClientSession, ServerSession } from '../src/index.ts'
import { envelope, facts, NOW } from './client-talk.ts'
import { counted, countBytes } from './counted-bytes.ts'
import { isQuestion, latin1, usualAnswer } from './server-helper.ts'

/** A session of either role, as a driver runs it. */
interface Driven {
  /** Takes bytes, and all that comes of them. */
  feed(bytes: Uint8Array): void
}

function drivenServer(): Driven {
  const limits = { maxErrors: 1e9, maxIdleCommands: 1e9, maxUnauthenticatedBytes: 1e12, errorDelayMs: 0 }
  const session = new ServerSession({ hostname: 'mx.example.net', protocol: 'smtp', limits, belowFloors: 'allow' })
  return {
    feed(bytes) {
      session.receive(bytes)
      for (let event = session.next(); event !== undefined; event = session.next()) {
        if (isQuestion(event)) session.answer(usualAnswer(event, session))
        else if (event.type === 'flush') session.takeOutput()
      }
      session.takeOutput()
    },
  }
}

const RECIPIENTS = 400
const BOUNDLESS = { maxLines: 1e9, maxReplyBytes: 1e9, maxLineBytes: 1e9 }

/** The bounds of replies are away: they must not be what makes the work short. A transaction begins by itself. */
function drivenClient(): Driven {
  const session = new ClientSession({ hostname: 'client.example.org', protocol: 'smtp', replies: BOUNDLESS })
  const recipients = Array.from({ length: RECIPIENTS }, (_, index) => `r${index}@example.net`)
  return {
    feed(bytes) {
      session.receive(bytes)
      for (let event = session.next(); event !== undefined; event = session.next()) {
        if (event.type !== 'ready') continue
        session.transact({ envelope: envelope(...recipients), facts: facts(), now: NOW })
      }
      session.takeOutput()
    },
  }
}

/** How many bytes are looked at for each of `input`, which comes in pieces of `size` behind what came `before`. */
function lookedPerByte(driven: Driven, before: readonly string[], input: string, size: number): number {
  driven.feed(new Uint8Array(0))
  for (const each of before) driven.feed(latin1(each))
  const pieces: Uint8Array[] = []
  for (let at = 0; at < input.length; at += size) pieces.push(counted(latin1(input.slice(at, at + size))))
  const looked = countBytes(() => {
    for (const piece of pieces) driven.feed(piece)
  })
  return looked / input.length
}

interface Row {
  readonly what: string
  readonly before?: readonly string[]
  readonly input: string
}

/** A reader that knew everything beforehand would look at each byte once. A row below that was not read as it says. */
const LEAST = 0.99
/** A command line is searched, kept, judged, made text. Content is looked at in words of eight, again behind each CR or LF. */
const MOST = 14

function expectLinear(start: () => Driven, { before = [], input }: Row): void {
  for (const size of [1, 7, 1_000, input.length]) {
    const looked = lookedPerByte(start(), before, input, size)
    expect(looked).toBeGreaterThanOrEqual(LEAST)
    expect(looked).toBeLessThanOrEqual(MOST)
  }
}

const TRANSACTION = ['EHLO a\r\n', 'MAIL FROM:<>\r\n', 'RCPT TO:<a@b.test>\r\n']
const DATA = [...TRANSACTION, 'DATA\r\n']

describe('ServerSession: linear work', () => {
  it.each<Row>([
    { what: 'short commands', input: 'NOOP\r\n'.repeat(1_000) },
    { what: 'one line without end', input: 'A'.repeat(8_000) },
    { what: 'long lines', input: `${'A'.repeat(3_000)}\r\n`.repeat(3) },
    { what: 'lines with bare LFs', input: 'A\n'.repeat(4_000) },
    { what: 'lines with bare CRs', input: `${'A\r'.repeat(4_000)}\n` },
    { what: 'empty lines', input: '\r\n'.repeat(4_000) },
    { what: 'content', before: DATA, input: `${'A'.repeat(76)}\r\n`.repeat(100) },
    { what: 'content of one line', before: DATA, input: 'A'.repeat(8_000) },
    { what: 'content of empty lines', before: DATA, input: '\r\n'.repeat(4_000) },
    { what: 'content of stuffed dots', before: DATA, input: '..\r\n'.repeat(2_000) },
    { what: 'content of almost an end', before: DATA, input: '\r\n.\r'.repeat(2_000) },
    { what: 'content of bare CRs', before: DATA, input: '\r'.repeat(4_000) },
    { what: 'content of bare LFs', before: DATA, input: '\n'.repeat(4_000) },
    { what: 'content of NULs', before: DATA, input: '\0'.repeat(4_000) },
    { what: 'one chunk', before: TRANSACTION, input: `BDAT 7800\r\n${`${'A'.repeat(76)}\r\n`.repeat(100)}` },
    { what: 'one chunk of empty lines', before: TRANSACTION, input: `BDAT 8000\r\n${'\r\n'.repeat(4_000)}` },
    { what: 'little chunks', before: TRANSACTION, input: 'BDAT 1\r\na'.repeat(800) },
  ])('looks at each byte, and at none often: $what', (row) => {
    expectLinear(drivenServer, row)
  })

  it.each<Row>([
    { what: 'a BDAT that is refused', input: `BDAT 8000\r\n${'\n'.repeat(8_000)}` },
    { what: 'a chunk with a bare CR', before: TRANSACTION, input: `BDAT 8000\r\n${'a\r'.repeat(4_000)}` },
    { what: 'a chunk that is too big', before: TRANSACTION, input: `BDAT 99999999\r\n${'a'.repeat(8_000)}` },
    { what: 'what comes behind QUIT', before: ['QUIT\r\n'], input: 'NOOP\r\n'.repeat(1_000) },
  ])('passes octets without looking at them: $what', ({ before = [], input }) => {
    for (const size of [1, 7, 1_000, input.length]) {
      expect(lookedPerByte(drivenServer(), before, input, size)).toBeLessThanOrEqual(0.01)
    }
  })
})

const GREETED = ['220 mx\r\n']
const READY = [...GREETED, '250-mx\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES\r\n']

describe('ClientSession: linear work', () => {
  it.each<Row>([
    { what: 'a greeting of many lines', input: '220-a\r\n'.repeat(1_000) },
    { what: 'a greeting of empty lines', input: '220-\r\n'.repeat(1_000) },
    { what: 'a greeting of lines that end with LF', input: '220-a\n'.repeat(1_000) },
    { what: 'a greeting of long lines', input: `220-${'A'.repeat(2_000)}\r\n`.repeat(4) },
    { what: 'a greeting without end', input: `220 ${'A'.repeat(8_000)}` },
    { what: 'CRs without end', input: '\r'.repeat(8_000) },
    { what: 'a reply to EHLO of many lines', before: GREETED, input: `${'250-X-A B\r\n'.repeat(800)}250 DSN\r\n` },
    { what: 'replies to a flight', before: READY, input: '250 2.1.5 Ok\r\n'.repeat(RECIPIENTS) },
    { what: 'refusals of a flight', before: READY, input: '550-5.1.1 No\r\n550 5.1.1 such\r\n'.repeat(RECIPIENTS) },
  ])('looks at each byte, and at none often: $what', (row) => {
    expectLinear(drivenClient, row)
  })

  it('does not look at what comes behind the end', () => {
    for (const size of [1, 7, 8_000]) {
      expect(lookedPerByte(drivenClient(), ['554 no\r\n'], '250 a\r\n'.repeat(1_000), size)).toBeLessThanOrEqual(0.01)
    }
  })
})

describe('the count', () => {
  /** Looks for the end of a line in all that has come, each time. */
  class SearchesAgain implements Driven {
    #text = new Uint8Array(0)
    feed(bytes: Uint8Array): void {
      const joined = new Uint8Array(this.#text.length + bytes.length)
      joined.set(this.#text)
      joined.set(bytes, this.#text.length)
      this.#text = joined
      this.look(joined)
    }
    look(text: Uint8Array): void {
      text.indexOf(10)
    }
  }
  /** Keeps in place, and makes text of all that has come, each time. */
  class DecodesAgain implements Driven {
    readonly #text = new Uint8Array(10_000)
    #length = 0
    feed(bytes: Uint8Array): void {
      this.#text.set(bytes, this.#length)
      this.#length += bytes.length
      new TextDecoder().decode(this.#text.subarray(0, this.#length))
    }
  }

  it.each([
    { how: 'are searched again', start: () => new SearchesAgain() },
    { how: 'become text again', start: () => new DecodesAgain() },
  ])('grows where bytes $how', ({ start }) => {
    expect(() => expectLinear(start, { what: '', input: 'A'.repeat(8_000) })).toThrow('expected')
  })

  it('is too low where bytes are not read', () => {
    expect(() => expectLinear(() => ({ feed: () => undefined }), { what: '', input: 'A'.repeat(80) })).toThrow(
      'expected',
    )
  })
})
