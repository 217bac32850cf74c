/** Writes what a walk finds the way mime4j's tests write theirs. */

import { readStructure } from '../src/mime-structure.ts'
import type { ByteRange, MimeTree } from '../src/mime-structure.ts'
import { decodeBody } from './mail-parser-trees.ts'
import { text } from './texts.ts'

/** A tree as text, and the decoded bodies of its leaves by their place in it. */
export interface Mime4jTree {
  readonly xml: string
  readonly bodies: ReadonlyMap<string, Uint8Array>
}

/** The tree of a message; a message in a transfer encoding is decoded and read, too. */
export function describeTree(message: Uint8Array): Mime4jTree {
  const bodies = new Map<string, Uint8Array>()
  return { xml: describe(message, readStructure(message), 'message', '1', bodies), bodies }
}

function describe(
  message: Uint8Array,
  tree: MimeTree,
  tag: string,
  path: string,
  bodies: Map<string, Uint8Array>,
): string {
  const header = tree.header.fields.map(
    ({ raw }) => `<field>\r\n${escape(text(raw)).replace(/\r?\n$/, '')}</field>\r\n`,
  )
  const inside = describeBody(message, tree, path, bodies)
  return `<${tag}>\r\n<header>\r\n${header.join('')}</header>\r\n${inside}</${tag}>\r\n`
}

function describeBody(message: Uint8Array, tree: MimeTree, path: string, bodies: Map<string, Uint8Array>): string {
  if (tree.undivided === 'encoded') {
    const decoded = decodeBody(message, tree)
    return describe(decoded, readStructure(decoded), 'message', `${path}_1`, bodies)
  }
  const cut = ({ start, end }: ByteRange): string => text(message.subarray(start, end))
  const element = (name: string, content: string): string =>
    content === '' ? '' : `<${name}>\r\n${escape(content)}</${name}>\r\n`
  const parts = tree.children.map((child, index) =>
    describe(message, child, tree.kind === 'multipart' ? 'body-part' : 'message', `${path}_${index + 1}`, bodies),
  )
  if (tree.kind === 'message') return parts.join('')
  if (tree.kind === 'multipart') {
    // mime4j has the line break that ends the close-delimiter outside the epilogue.
    const epilogue = cut(tree.epilogue).replace(/^\r?\n/, '')
    // It has a preamble, though an empty one, where a line break stands before the first delimiter.
    const hasPreamble = tree.preamble.end > tree.bodyStart || message[tree.bodyStart] === 13
    const preamble = hasPreamble ? `<preamble>\r\n${escape(cut(tree.preamble))}</preamble>\r\n` : ''
    const inside = preamble + parts.join('') + element('epilogue', epilogue)
    return `<multipart>\r\n${inside}</multipart>\r\n`
  }
  bodies.set(path, decodeBody(message, tree))
  return `<body>\r\n${escape(cut({ start: tree.bodyStart, end: tree.bodyEnd }))}</body>\r\n`
}

const escape = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
