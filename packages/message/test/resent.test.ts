import { describe, expect, it } from 'vitest'
import { parseHeader, readResentBlocks } from '../src/index.ts'
import { text, utf8 } from './texts.ts'

const blocksOf = (...fields: string[]): string[][] =>
  readResentBlocks(parseHeader(utf8(fields.map((field) => `${field}\r\n`).join('')))).map((block) =>
    block.fields.map(({ raw }) => text(raw).trim()),
  )

describe('readResentBlocks', () => {
  it.each([
    { what: 'none', fields: ['From: a', 'X-Resent-To: b'], blocks: [] },
    {
      what: 'one block with all its fields',
      fields: ['Received: x', 'Resent-From: a', 'resent-date: b', 'Resent-Bcc: c', 'Received: y', 'From: d'],
      blocks: [['Resent-From: a', 'resent-date: b', 'Resent-Bcc: c']],
    },
    {
      what: 'two blocks, the latest first',
      fields: ['Resent-To: b', 'Resent-From: a', 'Resent-From: c', 'Resent-To: d', 'From: e'],
      blocks: [
        ['Resent-To: b', 'Resent-From: a'],
        ['Resent-From: c', 'Resent-To: d'],
      ],
    },
    {
      what: 'blocks with trace fields between',
      fields: ['Resent-From: a', 'Received: x', 'Resent-To: b'],
      blocks: [['Resent-From: a'], ['Resent-To: b']],
    },
  ])('finds $what (RFC 5322 §3.6.6)', ({ fields, blocks }) => {
    expect(blocksOf(...fields)).toEqual(blocks)
  })
})
