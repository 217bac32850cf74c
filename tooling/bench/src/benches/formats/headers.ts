/** Reading header sections of the corpus' messages: names and values, unfolded and as text. */

import { decodeWords, parseHeader } from '@postroad/message'
import { headerOf, readMessages } from './corpus.ts'
import type { Layout } from './reader.ts'

function over(read: (section: Buffer) => number | Promise<number>): Layout {
  return () => {
    const sections = readMessages().map(headerOf)
    const pass = async (): Promise<number> => {
      let found = 0
      for (const section of sections) {
        const count = read(section)
        found += typeof count === 'number' ? count : await count
      }
      return found
    }
    return { pass, operations: sections.length }
  }
}

/** By contestant. */
export const HEADER_READERS: Readonly<Record<string, () => Promise<Layout>>> = {
  Postroad: async () =>
    over((section) => {
      let length = 0
      for (const { name, value } of parseHeader(section).fields) length += name.length + value.length
      return length
    }),
  'Postroad, words decoded': async () =>
    over((section) => {
      let length = 0
      for (const { name, value } of parseHeader(section).fields) length += name.length + decodeWords(value).length
      return length
    }),
  libmime: async () => {
    const { default: peer } = await import('libmime')
    return over((section) => Object.keys(peer.decodeHeaders(section.toString('latin1'))).length)
  },
  'postal-mime': async () => {
    const { default: PostalMime } = await import('postal-mime')
    return over(async (section) => (await PostalMime.parse(section)).headers.length)
  },
  mailparser: async () => {
    const { simpleParser } = await import('mailparser')
    return over(async (section) => (await simpleParser(section)).headerLines.length)
  },
}
