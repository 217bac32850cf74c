/** Reads what scripts return. A reply of another shape means that something else answers than a Redis we know. */

import { QueueUnavailableError } from '@postroad/queue'

/** A list, as Redis gave it. */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw unexpected()
}

/** The bytes of a value; empty where Redis has none. */
export function bytesOf(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value
  if (value === null || value === undefined) return Buffer.alloc(0)
  throw unexpected()
}

/** The text of a value (UTF-8); empty where Redis has none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : bytesOf(value).toString('utf8')
}

/** A number, also where it came as text; `NaN` where there is none. */
export function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  const text = textOf(value)
  return text === '' ? Number.NaN : Number(text)
}

/** A reply's first word, and the rest. */
export function wordOf(reply: unknown): { readonly word: string; readonly rest: readonly unknown[] } {
  const [word, ...rest] = listOf(reply)
  return { word: textOf(word), rest }
}

function unexpected(): QueueUnavailableError {
  return new QueueUnavailableError('Redis gave a reply of a shape that no script of this store gives')
}
