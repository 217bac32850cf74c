/**
 * Counts the bytes that code looks at or copies, in whatever way: one by one, by search, in words, as text.
 *
 * While it counts, every `Uint8Array` and `DataView` that is made counts, so that what a session keeps of its input counts
 * as often as it is looked at, too. Work on text does not count.
 */

import { vi } from 'vitest'

let looked = 0

/** The bytes that a counting proxy stands for. */
const COUNTED = new WeakMap<object, Uint8Array>()

/** How many bytes `work` looked at or copied: those that `counted` made, and all that it makes itself. */
export function countBytes(work: () => void): number {
  const decode = Reflect.get(TextDecoder.prototype, 'decode')
  const toString = Reflect.get(Buffer.prototype, 'toString')
  vi.stubGlobal('Uint8Array', madeBy(Uint8Array, counted))
  vi.stubGlobal('DataView', madeBy(DataView, countedView))
  vi.spyOn(TextDecoder.prototype, 'decode').mockImplementation(function decodeCounted(
    this: unknown,
    ...given: unknown[]
  ) {
    const [bytes, ...options] = given
    return Reflect.apply(decode, this, [bytes instanceof Uint8Array ? look(bytes) : bytes, ...options]) as string
  })
  vi.spyOn(Buffer.prototype, 'toString').mockImplementation(function toStringCounted(
    this: Buffer,
    ...given: unknown[]
  ) {
    const [, start = 0, end = this.length] = given
    looked += Number(end) - Number(start)
    return Reflect.apply(toString, this, given)
  })
  looked = 0
  try {
    work()
    return looked
  } finally {
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  }
}

/** The same bytes, which count who looks at them. */
export function counted(bytes: Uint8Array): Uint8Array {
  const proxy = new Proxy(bytes, {
    get(target, name) {
      if (typeof name === 'string' && /^\d+$/.test(name)) looked += 1
      const method = METHODS.get(name)
      if (method !== undefined) return method(target)
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  })
  COUNTED.set(proxy, bytes)
  return proxy
}

type Method = (target: Uint8Array) => unknown

const METHODS: ReadonlyMap<string | symbol, Method> = new Map<string | symbol, Method>([
  ['subarray', (target) => (start?: number, end?: number) => counted(target.subarray(start, end))],
  ['slice', (target) => (start?: number, end?: number) => counted(look(target.slice(start, end)))],
  ['set', (target) => (source: Uint8Array, offset?: number) => target.set(look(source), offset)],
  [
    'indexOf',
    (target) =>
      (byte: number, from = 0) => {
        const found = target.indexOf(byte, from)
        looked += (found === -1 ? target.length : found + 1) - from
        return found
      },
  ],
])

/** All of these bytes are looked at. */
function look(bytes: Uint8Array): Uint8Array {
  looked += bytes.length
  return COUNTED.get(bytes) ?? bytes
}

/** `getInt32` looks at four bytes, and so on. */
function countedView(view: DataView): DataView {
  return new Proxy(view, {
    get(target, name) {
      looked += Number(/\d+$/.exec(String(name))?.[0] ?? 0) / 8
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function madeBy<Made extends object>(type: new (...given: never[]) => Made, count: (made: Made) => Made): unknown {
  return new Proxy(type, { construct: (target, given) => count(Reflect.construct(target, given) as Made) })
}
