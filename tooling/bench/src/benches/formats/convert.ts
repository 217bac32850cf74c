/** Writing 8-bit bodies in 7 bits: our conversion of a whole message, and the bare encoders of others. */

import { type ConversionPlan, ConversionPlanner, Converter } from '@postroad/message'
import type { Layout } from './reader.ts'

const MIB = 2 ** 20
const BODY_BYTES = 16 * MIB
/** As large as what a socket or a file gives at once. */
const CHUNK_BYTES = 65_536

/** Text of a language whose letters are mostly ASCII. */
const TEXT = 'Der Gebühr ist heute fällig, schöne Grüße aus Köln und einen guten Tag, sagt sie.\r\n'

function bodyOf(as: unknown): Buffer {
  const body = Buffer.alloc(BODY_BYTES, as === 'base64' ? '' : TEXT)
  // Bytes of every value, in an order that has no short period.
  if (as === 'base64')
    for (let at = 0, value = 1; at < body.length; at += 1) body[at] = value = (value * 75 + 74) % 65_537
  return body
}

function messageOf(as: unknown): Buffer {
  const type = as === 'base64' ? 'application/octet-stream' : 'text/plain; charset=utf-8'
  const encoding = as === 'base64' ? 'binary' : '8bit'
  const fields = `MIME-Version: 1.0\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`
  return Buffer.concat([Buffer.from(fields), bodyOf(as)])
}

function* chunksOf(message: Buffer): Iterable<Buffer> {
  for (let at = 0; at < message.length; at += CHUNK_BYTES) yield message.subarray(at, at + CHUNK_BYTES)
}

function planFor(message: Buffer): Extract<ConversionPlan, { kind: 'convert' }> {
  const planner = new ConversionPlanner()
  for (const chunk of chunksOf(message)) planner.push(chunk)
  const plan = planner.finish()
  if (plan.kind !== 'convert') throw new Error(`the message is not converted: ${plan.kind}`)
  return plan
}

function convert(message: Buffer, plan: Extract<ConversionPlan, { kind: 'convert' }>): number {
  const converter = new Converter(plan)
  let length = 0
  for (const chunk of chunksOf(message)) for (const bytes of converter.push(chunk)) length += bytes.length
  for (const bytes of converter.finish()) length += bytes.length
  return length
}

/** By contestant. */
export const CONVERTERS: Readonly<Record<string, () => Promise<Layout>>> = {
  'Buffer, base64': async () => (work) => {
    const body = bodyOf(work['as'])
    return { pass: () => body.toString('base64').length, operations: BODY_BYTES / MIB }
  },
  libqp: async () => {
    const { default: peer } = await import('libqp')
    return (work) => {
      const body = bodyOf(work['as'])
      return { pass: () => peer.wrap(peer.encode(body)).length, operations: BODY_BYTES / MIB }
    }
  },
  Postroad: async () => (work) => {
    const message = messageOf(work['as'])
    const plan = planFor(message)
    return { pass: () => convert(message, plan), operations: BODY_BYTES / MIB }
  },
  'Postroad, planned too': async () => (work) => {
    const message = messageOf(work['as'])
    return { pass: () => convert(message, planFor(message)), operations: BODY_BYTES / MIB }
  },
}
