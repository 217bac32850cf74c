/** Reading address lists: ours, and those of the peers. All of them take a whole, unfolded value of a field. */

import { parseAddressList, readAddressList } from '@postroad/address'
import { addressListsOf, readMessages } from './corpus.ts'
import type { Layout } from './reader.ts'

/** Values of fields: those of the corpus' messages, or one that is long. */
function listsOf(what: unknown): readonly string[] {
  if (what === 'corpus') return readMessages().flatMap(addressListsOf)
  const one = (n: number): string => {
    const address = `someone.${n}@mail${n % 10}.example.org`
    return n % 3 === 0 ? address : n % 3 === 1 ? `Some One <${address}>` : `"One, Some" <${address}>`
  }
  return [Array.from({ length: 1_000 }, (_, n) => one(n)).join(', ')]
}

function over(read: (list: string) => number): Layout {
  return ({ lists }) => {
    const values = listsOf(lists)
    const pass = (): number => {
      let found = 0
      for (const value of values) found += read(value)
      return found
    }
    return { pass, operations: values.length }
  }
}

/** By contestant. */
export const ADDRESS_READERS: Readonly<Record<string, () => Promise<Layout>>> = {
  Postroad: async () => over((list) => readAddressList(list).addresses.length),
  'Postroad, strict': async () =>
    over((list) => {
      const parsed = parseAddressList(list)
      return parsed.ok ? parsed.value.length : 0
    }),
  'Postroad, words as they are': async () =>
    over((list) => readAddressList(list, { decodeName: (text) => text }).addresses.length),
  'nodemailer addressparser': async () => {
    const { default: parse } = await import('nodemailer/lib/addressparser')
    return over((list) => parse(list).length)
  },
  'address-rfc2822': async () => {
    const { default: peer } = await import('address-rfc2822')
    return over((list) => {
      try {
        return peer.parse(list).length
      } catch {
        return 0
      }
    })
  },
  'email-addresses': async () => {
    const { default: peer } = await import('email-addresses')
    return over((list) => peer.parseAddressList(list)?.length ?? 0)
  },
}
