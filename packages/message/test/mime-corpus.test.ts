/**
 * Messages of other projects' test suites: where their parts are, and what they decode to.
 *
 * Each difference is listed with the section that decides it. What has none counts against 2 % of a set's messages.
 */

import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MimeEvent } from '../src/mime-part.ts'
import { MimeWalker } from '../src/mime-walker.ts'
import { filesBelow, findCorpus, readBytes, toCrlf } from './corpus.ts'
import { compareTree } from './mail-parser-trees.ts'
import type { ExpectedMessage } from './mail-parser-trees.ts'
import { describeTree } from './mime4j-trees.ts'
import { bytes, text } from './texts.ts'

const corpus = findCorpus()
const absent = 'no corpus: set POSTROAD_CORPUS to its folder'
const MOST_UNEXPLAINED = 0.02

/** Why mail-parser is not followed. */
const MAIL_PARSER = new Map([
  ['legacy/026', 'RFC 2045 §6.4: a body in an encoding that is not known is no text, so its charset is not looked at'],
  ['legacy/052', 'RFC 2046 §4.1.2: US-ASCII has no bytes above 127; the bytes agree, what they show as is left open'],
  ['malformed/000', 'RFC 2046 §5.1.1: a body part may be of header fields alone, and is one all the same'],
  ['malformed/002', 'RFC 2046 §5.1.1: what stands before the first delimiter is preamble, also where none comes'],
  ['malformed/004', 'RFC 2046 §5.1.1: the line of a delimiter goes to its end; a part begins behind it'],
  [
    'malformed/008',
    'RFC 2046 §5.1.2: a delimiter of a multipart around ends the inner, though a prefix of it is inner',
  ],
  ['malformed/012', 'RFC 2046 §5.1.2: a delimiter of a multipart around ends the inner, at any level'],
  ['malformed/014', 'RFC 2046 §5.1.1: a delimiter begins a body part, which may be empty'],
  [
    'malformed/016',
    'RFC 2046 §5.1.2: delimiters of multiparts around end the inner, though prefixes of them are inner',
  ],
  ['malformed/022', 'RFC 2046 §5.2.1: a message/rfc822 need not conform to RFC 822 to be one'],
  ['rfc/000', 'RFC 2045 §6.8: characters outside the alphabet of base64 are ignored, the others decoded'],
  ['thirdparty/002', 'RFC 2045 §6.8: characters outside the alphabet of base64 are ignored, the others decoded'],
])

/** Why mime4j is not followed. */
const MIME4J = new Map([
  ['basic-plain-with-bad-header-separator', 'RFC 5322 §2.2: a line without name and colon is no header field'],
  ['malformedHeader-nocrlfcrlf', 'RFC 5322 §2.2: a line without name and colon is no header field'],
  ['malformedHeader-noheader', 'RFC 5322 §2.2: a line without name and colon is no header field'],
  ['malformedHeaderStartsBody-nocrlfcrlf', 'RFC 5322 §2.1: the body is all that follows; no line of it falls away'],
  ['malformedHeaderStartsBody-noheader', 'RFC 5322 §2.1: the body is all that follows; no line of it falls away'],
  ['obsolete', 'RFC 5322 §2.2: a name of a field has no byte above 126'],
  ['very-long-boundary', 'RFC 2046 §5.1.1: white space at the end of a boundary is deleted'],
  ['very-very-long-boundary', 'RFC 2046 §5.1.1: white space at the end of a boundary is deleted'],
  ['weird-boundary', 'RFC 2046 §5.1.1: white space at the end of a boundary is deleted'],
])

/** Prints what differs, and expects that the list says why, up to the bound, and that it says no more. */
function judge(
  set: string,
  count: number,
  differing: ReadonlyMap<string, string[]>,
  reasons: Map<string, string>,
): void {
  const unexplained = [...differing].filter(([name]) => !reasons.has(name))
  const lines = [...differing].map(([name, [first]]) => `  ${name}: ${reasons.get(name) ?? `NOT EXPLAINED: ${first}`}`)
  console.log(
    [`${set}: ${count} messages, ${differing.size} differ, ${unexplained.length} unexplained`, ...lines].join('\n'),
  )
  expect(unexplained.length).toBeLessThanOrEqual(count * MOST_UNEXPLAINED)
  expect([...reasons.keys()].filter((name) => !differing.has(name))).toEqual([])
}

/** Walks in one piece and in small ones: every byte is in one place, in order. */
function walkWhole(message: Uint8Array): void {
  for (const size of [message.length + 1, 61]) {
    const walker = new MimeWalker()
    let seen = ''
    for (let at = 0; at < message.length; at += size)
      for (const event of walker.push(message.subarray(at, at + size))) seen += keep(event)
    for (const event of walker.finish()) seen += keep(event)
    expect(seen).toBe(text(message))
  }

  function keep(event: MimeEvent): string {
    if (event.type === 'end') return ''
    if (event.type !== 'part') return text(event.bytes)
    const { header, headerEnd, bodyStart } = event.part
    return text(header.toBytes()) + text(message.subarray(headerEnd, bodyStart))
  }
}

describe.skipIf(corpus === undefined)(`parts of the corpus (${absent})`, () => {
  const folderOf = (set: string): string => join(corpus ?? '', set)
  const messagesOf = (set: string, ending: string): string[] =>
    corpus === undefined ? [] : filesBelow(folderOf(set), ending)

  describe.each([
    { set: 'ruby-mail', ending: '.eml', most: 70 },
    { set: 'python-email', ending: '.txt', most: 47 },
    { set: 'mail-parser', ending: '.eml', most: 54 },
    { set: 'mime4j', ending: '.msg', most: 32 },
  ])('$set', ({ set, ending, most }) => {
    const paths = messagesOf(set, ending).filter((path) => !path.endsWith('LICENSE.txt'))

    it('has its messages', () => expect(paths.length).toBeGreaterThanOrEqual(most))

    it.each(paths.map((path) => ({ name: relative(folderOf(set), path), path })))(
      'has every byte of $name in one place',
      ({ path }) => {
        const message = readBytes(path)
        walkWhole(message)
        walkWhole(toCrlf(message))
      },
    )
  })

  it('finds the parts, fields and decoded bodies that mail-parser finds, or says why not', () => {
    const folder = folderOf('mail-parser/eml')
    const paths = filesBelow(folder, '.eml')
    const differing = new Map<string, string[]>()
    for (const path of paths) {
      const name = relative(folder, path).slice(0, -'.eml'.length)
      const source = text(readBytes(path))
      const forms = [
        { message: bytes(source.replaceAll('\r', '')), ending: '.json' },
        { message: bytes(source.replaceAll(/(?<!\r)\n/g, '\r\n')), ending: '.crlf.json' },
      ]
      for (const { message, ending } of forms) {
        const expected = JSON.parse(readFileSync(join(folder, name + ending), 'utf8')) as ExpectedMessage
        const differences = compareTree(message, expected)
        if (differences.length > 0) differing.set(name, differences)
      }
    }
    judge('mail-parser', paths.length, differing, MAIL_PARSER)
  })

  it('finds the parts and decoded bodies that mime4j finds, or says why not', () => {
    const folder = folderOf('mime4j')
    const paths = filesBelow(folder, '.msg')
    const differing = new Map<string, string[]>()
    for (const path of paths) {
      const name = relative(folder, path).slice(0, -'.msg'.length)
      const { xml, bodies } = describeTree(readBytes(path))
      const expected = text(readBytes(join(folder, `${name}.xml`)))
      // Theirs writes line ends of its own: those of one message in LF differ in nothing else.
      const differences = sameLines(xml) === sameLines(expected) ? [] : ['another tree']
      for (const [place, body] of bodies) {
        const found = ['.txt', '.bin']
          .map((ending) => join(folder, `${name}_decoded_${place}${ending}`))
          .find(existsSync)
        const same = found !== undefined && sameLines(text(readBytes(found))) === sameLines(text(body))
        if (!same) differences.push(`${place}: another body`)
      }
      if (differences.length > 0) differing.set(name, differences)
    }
    judge('mime4j', paths.length, differing, MIME4J)
  })
})

const sameLines = (value: string): string => value.replaceAll('\r\n', '\n')
