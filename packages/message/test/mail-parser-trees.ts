/** Compares what a walk finds with what mail-parser's tests expect of the same bytes. */

import { decodeCharset } from '@postroad/address'
import { concat } from '@postroad/bytes'
import type { MimeTree } from '../src/mime-structure.ts'
import { readStructure } from '../src/mime-structure.ts'
import { createTransferDecoder } from '../src/transfer-encoding.ts'

/** One message as mail-parser describes it. */
export interface ExpectedMessage {
  readonly text_body: readonly number[]
  readonly html_body: readonly number[]
  readonly attachments: readonly number[]
  readonly parts: readonly ExpectedPart[]
}

interface ExpectedPart {
  readonly headers: readonly {
    readonly offset_field: number
    readonly offset_start: number
    readonly offset_end: number
  }[]
  readonly offset_header: number
  readonly offset_body: number
  readonly offset_end: number
  readonly is_encoding_problem: boolean
  readonly body: {
    readonly Text?: string
    readonly Html?: string
    readonly Binary?: readonly number[]
    readonly InlineBinary?: readonly number[]
    readonly Message?: ExpectedMessage
    readonly Multipart?: readonly number[]
  }
}

/** The body of a leaf without its transfer encoding; an unknown one is left. */
export function decodeBody(message: Uint8Array, { transferEncoding, bodyStart, bodyEnd }: MimeTree): Uint8Array {
  const decoder = createTransferDecoder(transferEncoding ?? 'binary')
  return concat([decoder.push(message.subarray(bodyStart, bodyEnd)), decoder.finish()])
}

/** Differences, each `part what`, in words; none where all agree. */
export function compareTree(message: Uint8Array, expected: ExpectedMessage, base = 0, at = ''): string[] {
  return comparePart(message, readStructure(message), expected, 0, base, at)
}

function comparePart(
  message: Uint8Array,
  tree: MimeTree,
  expected: ExpectedMessage,
  number: number,
  base: number,
  at: string,
): string[] {
  const name = `${at}${number}`
  const part = expected.parts[number]
  if (part === undefined) return [`${name} is not there`]
  const differences: string[] = []
  const check = (what: string, ours: unknown, theirs: unknown): void => {
    const [a, b] = [JSON.stringify(ours), JSON.stringify(theirs)]
    if (a !== b) differences.push(`${name} ${what}: ${a.slice(0, 300)} not ${b.slice(0, 300)}`)
  }
  check('header start', tree.headerStart + base, part.offset_header)
  check('body start', tree.bodyStart + base, part.offset_body)
  let at2 = tree.headerStart + base
  const fields = tree.header.fields
    .map(({ raw, name: fieldName }) => {
      const start = at2
      at2 += raw.length
      return fieldName === '' ? [] : [start, at2]
    })
    .filter(({ length }) => length > 0)
  check(
    'fields',
    fields,
    part.headers.map(({ offset_field, offset_end }) => [offset_field, offset_end]),
  )
  const { Multipart, Message, Text, Html, Binary, InlineBinary } = part.body
  if (Multipart !== undefined) {
    if (tree.kind !== 'multipart') return [...differences, `${name} kind: ${tree.kind} not multipart`]
    check('children', tree.children.length, Multipart.length)
    tree.children.forEach((child, index) => {
      const next = Multipart[index]
      if (next !== undefined) differences.push(...comparePart(message, child, expected, next, base, at))
    })
    return differences
  }
  if (Message !== undefined) {
    if (tree.undivided === 'encoded')
      differences.push(...compareTree(decodeBody(message, tree), Message, 0, `${name}.`))
    else if (tree.kind !== 'message') return [...differences, `${name} kind: ${tree.kind} not message`]
    tree.children.forEach((child) => {
      differences.push(...comparePart(message, child, Message, 0, base, `${name}.`))
    })
    return differences
  }
  check('kind', tree.kind, 'leaf')
  check('body end', tree.bodyEnd + base, part.offset_end)
  const body = decodeBody(message, tree)
  const text = Text ?? Html
  if (text === undefined) check('body', [...body], Binary ?? InlineBinary)
  else
    check(
      'text',
      decodeCharset(tree.contentType.parameters.get('charset') ?? 'us-ascii', body) ?? decodeCharset('us-ascii', body),
      text,
    )
  return differences
}
