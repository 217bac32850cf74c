/** Converts whole messages, and compares what a walk finds before and after; with messages to do it to. */

import * as fc from 'fast-check'
import { ContentScanner, ConversionPlanner, Converter, createTransferDecoder, MimeWalker } from '../src/index.ts'
import type { ConversionPlan, MimeWalkerOptions } from '../src/index.ts'
import { bytes, text } from './texts.ts'

/** What is to be done to content that comes in these chunks. */
export function plan(chunks: readonly Uint8Array[], options?: MimeWalkerOptions): ConversionPlan {
  const planner = new ConversionPlanner(options)
  for (const chunk of chunks) {
    const lent = Buffer.from(chunk)
    planner.push(lent)
    lent.fill(46)
  }
  return planner.finish()
}

/** What comes out of the second pass. */
export function carryOut(
  what: Extract<ConversionPlan, { kind: 'convert' }>,
  chunks: readonly Uint8Array[],
): Uint8Array {
  const converter = new Converter(what)
  const given: Uint8Array[] = []
  for (const chunk of chunks) {
    const lent = Buffer.from(chunk)
    for (const piece of converter.push(lent)) given.push(new Uint8Array(piece))
    lent.fill(46)
  }
  given.push(...converter.finish())
  return new Uint8Array(Buffer.concat(given))
}

/** Both passes; the text of what comes out, or the reason why nothing does. */
export function convert(content: string, options?: MimeWalkerOptions): string {
  const chunks = [bytes(content)]
  const what = plan(chunks, options)
  if (what.kind === 'refused') return `${what.reason} ${what.path}`.trim()
  return what.kind === 'unneeded' ? content : text(carryOut(what, chunks))
}

/** Whether no byte above 127, no NUL, no CR or LF alone and no line over 998 octets stands there. */
export function isSevenBit(content: Uint8Array): boolean {
  const scanner = new ContentScanner()
  scanner.push(content)
  const { eightBit, binary } = scanner.finish()
  return !eightBit && !binary
}

/**
 * The parts of a message, each as its kind, its path, and, for a leaf, its type and its body without its encoding; lines
 * of a leaf that may not be encoded end with CRLF here, for a conversion may make them.
 */
export function outline(content: Uint8Array): readonly string[] {
  const walker = new MimeWalker()
  const found: string[] = []
  let decoder = createTransferDecoder('binary')
  let body = ''
  for (const event of [...walker.push(content), ...walker.finish()]) {
    if (event.type === 'part') {
      decoder = createTransferDecoder(event.part.transferEncoding ?? 'binary')
      body = ''
    } else if (event.type === 'body') {
      body += text(decoder.push(event.bytes))
    } else if (event.type === 'end') {
      const { kind, path, contentType } = event.part
      if (kind === 'leaf') {
        const whole = body + text(decoder.finish())
        const isComposite = contentType.type === 'message' || contentType.type === 'multipart'
        const lines = isComposite ? whole.replaceAll(/\r?\n/g, '\r\n') : whole
        found.push(`${path} ${contentType.type}/${contentType.subtype} ${lines}`)
      } else found.push(`${path} ${kind}`)
    }
  }
  return found
}

const piece = fc.constantFrom(
  'a',
  '\u00e9',
  '\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9',
  '\0',
  '\r',
  '\n',
  '\r\n',
  '\r\n',
  '--',
  '--b0',
  '--b1--\r\n',
  '\r\n--b2\r\n',
  'From ',
  '.',
  ' ',
  'key: value',
  '=',
  '=3d',
  'YWJj',
  'x'.repeat(990),
  'y'.repeat(74),
)
const body: fc.Arbitrary<string> = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
const calm: fc.Arbitrary<string> = fc.constantFrom(
  '',
  '',
  '',
  'text',
  'text\r\n',
  '\u00e9',
  '\r',
  'x\n',
  'z'.repeat(999),
)

const encoding: fc.Arbitrary<string> = fc.constantFrom(
  '',
  '',
  'Content-Transfer-Encoding: 7bit\r\n',
  'content-transfer-encoding: 8bit\r\n',
  'Content-Transfer-Encoding: binary\r\nX: y\r\nContent-Transfer-Encoding: 8bit\r\n',
  'Content-Transfer-Encoding: quoted-printable\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  'Content-Transfer-Encoding: x-other\r\n',
)
const leafType: fc.Arbitrary<string> = fc.constantFrom(
  '',
  'Content-Type: text/plain; charset=utf-8\r\n',
  'Content-Type: application/octet-stream\r\n',
  'Content-Type: message/partial\r\n',
  'Content-Type: multipart/mixed\r\n',
)
const field: fc.Arbitrary<string> = fc.constantFrom(
  '',
  '',
  '',
  'Subject: x\r\n',
  'MIME-Version: 1.0\r\n',
  'X: y\n',
  'X: \u00e9\r\n',
)
const separator: fc.Arbitrary<string> = fc.constantFrom('\r\n', '\r\n', '\r\n', '\r\n', '\n', '', 'no field\r\n')

/** Messages of any form: nested, signed, broken. */
export const messages: fc.Arbitrary<Uint8Array> = fc
  .letrec<{ entity: string; multipart: string; message: string; leaf: string }>((tie) => ({
    entity: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('leaf'), tie('multipart'), tie('message')),
    leaf: fc.tuple(field, leafType, encoding, separator, body).map((all) => all.join('')),
    multipart: fc
      .tuple(
        fc.constantFrom('mixed', 'mixed', 'alternative', 'digest', 'signed', 'encrypted'),
        fc.nat({ max: 2 }),
        fc.tuple(field, encoding, separator).map((all) => all.join('')),
        fc.tuple(calm, calm),
        fc.array(tie('entity'), { maxLength: 3 }),
        fc.constantFrom('\r\n', '\r\n', '\r\n', '\n'),
        fc.boolean(),
      )
      .map(([subtype, number, rest, [preamble, epilogue], parts, lineEnd, closes]) => {
        const delimiter = `${lineEnd}--b${number}`
        const opening = `Content-Type: multipart/${subtype}; boundary=b${number}\r\n${rest}${preamble}`
        const close = closes ? `${delimiter}--${lineEnd}${epilogue}` : ''
        return `${opening}${parts.map((part) => `${delimiter}${lineEnd}${part}`).join('')}${close}`
      }),
    message: fc
      .tuple(fc.constantFrom('rfc822', 'rfc822', 'global'), field, encoding, separator, tie('entity'))
      .map(([subtype, ...rest]) => `Content-Type: message/${subtype}\r\n${rest.join('')}`),
  }))
  .entity.map(bytes)
