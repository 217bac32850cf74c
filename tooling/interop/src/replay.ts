/**
 * Replays a transcript against the server of somebody else and compares reply codes.
 *
 * The steps of a transcript are taken by replies: what the transcript has the client send at once is sent at once, then
 * as many replies are read as the transcript expects. Texts, and which extensions EHLO lists, are everybody's own; codes
 * are compared. A different code does not end the replay unless what follows would mean something else then; behind a
 * MAIL that was accepted though the transcript has it refused stands a RSET that is the replay's own.
 *
 * Transcripts say HELO where the list of extensions would only be in the way. Here EHLO is said in its place, unless HELO
 * is what it is about: most servers know no extension behind HELO. The hello ends its group (RFC 2920 §3.1), and before it nothing is pipelined.
 */

import type { Transcript, TranscriptStep } from '@postroad/smtp/testing'
import { WireClient } from './wire-client.ts'

/** One reply that was not as the transcript has it. */
export interface Difference {
  readonly title: string
  /** What it answers: the line that was sent, `(connect)`, `(content)`, `(tls)` for the handshake, or `(end)` for
   * whether the peer closes. */
  readonly sent: string
  /** A code, or `closed`. */
  readonly expected: string
  /** A code, `closed`, `open`, `nothing` in time, or `more` than expected. */
  readonly got: string
}

/** What came of a replay. */
export interface Replay {
  /** How many replies, and closings, were compared. */
  readonly compared: number
  readonly differences: readonly Difference[]
  /** Not all was played: a difference made what follows meaningless. */
  readonly cut: boolean
}

/** A group of commands that are sent at once, and what answers them. */
interface Exchange {
  readonly bytes: Uint8Array
  readonly sent: readonly string[]
  readonly codes: readonly string[]
  readonly end: 'tls' | 'close' | undefined
  /** Bytes that are no plain lines: what answers them may be more than expected. */
  readonly odd: boolean
}

/** Plays it on a port; without `pipelining` each command waits for the reply to the last. Rejects only where nobody listens. */
export async function replay({ settings, steps }: Transcript, port: number, pipelining: boolean): Promise<Replay> {
  const { title } = settings
  const client = await WireClient.open(port)
  const differences: Difference[] = []
  let compared = 0
  const differ = (sent: string, expected: string, got: string): void => {
    compared += 1
    if (expected !== got) differences.push({ title, sent, expected, got })
  }
  const result = (cut: boolean): Replay => ({ compared, differences, cut })
  try {
    if (settings.implicitTls && !(await client.startTls())) {
      differ('(tls)', 'done', 'failed')
      return result(true)
    }
    for (const exchange of exchangesOf(steps, title.includes('HELO') || settings.answers.has('HELO'), pipelining)) {
      client.send(exchange.bytes)
      let stands = false
      for (const [index, expected] of exchange.codes.entries()) {
        const sent = exchange.sent[index] ?? exchange.sent.at(-1) ?? '(connect)'
        const answer = await client.reply()
        const got = typeof answer === 'string' ? answer : (answer[0] ?? '').slice(0, 3)
        // What follows from a difference is not another one.
        const later = differences.length > 0 && (SILENCE.has(got) || (turns(expected) && !turns(got)))
        if (!later) differ(sent, expected, got)
        if (later || meaningless(sent, expected, got)) return result(true)
        stands = isMail(sent) && got === '250' && expected !== '250'
      }
      if (stands) {
        client.send(Buffer.from('RSET\r\n'))
        await client.reply()
      }
      if (exchange.odd && (await client.strays())) {
        differ(exchange.sent.at(-1) ?? '(connect)', 'no more', 'more')
        return result(true)
      }
      if (exchange.end === 'tls' && !(await client.startTls())) {
        differ('(tls)', 'done', 'failed')
        return result(true)
      }
      if (exchange.end === 'close') differ('(end)', 'closed', (await client.closes()) ? 'closed' : 'open')
    }
    return result(false)
  } finally {
    client.close()
  }
}

const SILENCE: ReadonlySet<string> = new Set(['closed', 'nothing'])

/** Whether the client says something else behind a reply than it says behind another. */
const turns = (code: string): boolean => code === '354' || code === '334'

const isMail = (sent: string): boolean => /^mail from/i.test(sent)

function meaningless(sent: string, expected: string, got: string): boolean {
  if (SILENCE.has(got)) return true
  if (got === expected) return false
  if (expected === '250' && (isMail(sent) || isHello(sent))) return true
  return turns(expected) || turns(got) || got === '421' || expected === '421' || expected === '220'
}

/** One thing that is sent. */
interface Item {
  readonly bytes: Uint8Array
  readonly sent: string
  /** No plain line: octets of a chunk, bare newlines. Several replies may answer it, or none. */
  readonly odd: boolean
}

function exchangesOf(steps: readonly TranscriptStep[], keepHelo: boolean, pipelining: boolean): readonly Exchange[] {
  const exchanges: Exchange[] = []
  let items: Item[] = []
  let codes: string[] = []
  let text: Uint8Array[] | undefined
  let greeted = false
  const close = (end: Exchange['end']): void => {
    const cut = (from: number, to: number, end: Exchange['end']): void => {
      const part = items.slice(from, to)
      const exchange = { codes: codes.slice(from, to), end, odd: part.some(({ odd }) => odd) }
      if (part.length === 0 && exchange.codes.length === 0 && end === undefined) return
      const bytes = Buffer.concat(part.map((item) => item.bytes))
      exchanges.push({ ...exchange, bytes, sent: part.map(({ sent }) => sent) })
    }
    // As far as each item has one reply.
    const firstOdd = items.findIndex(({ odd }) => odd)
    const clear = firstOdd !== -1 ? firstOdd : items.length === codes.length ? items.length : 0
    const hello = items.findIndex(({ sent }) => isHello(sent)) + 1
    const before = (firstOdd === -1 || hello <= firstOdd) && hello <= codes.length ? hello : 0
    const alone = pipelining ? (greeted ? 0 : hello > 0 ? before : clear) : clear
    for (let at = 0; at < alone; at += 1) cut(at, at + 1, undefined)
    const behind = Math.max(alone, before)
    cut(alone, behind, undefined)
    cut(behind, Infinity, end)
    greeted ||= hello > 0
    text = codes.at(-1) === '354' ? [] : undefined
    items = []
    codes = []
  }
  for (const step of steps) {
    if (step.kind === 'tls' || step.kind === 'close') close(step.kind)
    else if (step.kind === 'expect') {
      // `250-` goes on, `250 ` ends a reply.
      if (step.pattern.charAt(3) !== '-') codes.push(step.pattern.slice(0, 3))
    } else {
      if (codes.length > 0) close(undefined)
      const said = Buffer.from(step.bytes).toString('latin1')
      const line = keepHelo ? said : said.replace(/^HELO /, 'EHLO ')
      const bytes = Buffer.from(line, 'latin1')
      const odd = line.slice(0, -2).search(/[\r\n\0]/) !== -1 || !line.endsWith('\r\n')
      if (text === undefined) items.push({ bytes, sent: shown(line), odd })
      else {
        // The content and its end are one.
        text.push(bytes)
        if (line !== '.\r\n' && !line.endsWith('\r\n.\r\n')) continue
        items.push({ bytes: Buffer.concat(text), sent: '(content)', odd: false })
        text = undefined
      }
    }
  }
  if (text !== undefined && text.length > 0) items.push({ bytes: Buffer.concat(text), sent: '(content)', odd: false })
  close(undefined)
  return exchanges
}

const isHello = (line: string): boolean => /^(?:EHLO|HELO) /i.test(line)

function shown(text: string): string {
  return JSON.stringify(text.endsWith('\r\n') ? text.slice(0, -2) : text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
}
