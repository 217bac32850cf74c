import { describe, expect, it } from 'vitest'
import { createLineEndConverter } from '../src/line-ends.ts'

/** Converts the text cut into pieces of `step` characters. */
function convert(text: string, step: number): { readonly text: string; readonly sizes: readonly [number, number] } {
  const converter = createLineEndConverter()
  const target = Buffer.alloc(text.length + 1)
  let offset = 0
  for (let at = 0; at < text.length; at += step) {
    offset = converter.convert(Buffer.from(text.slice(at, at + step), 'latin1'), target, offset)
  }
  offset = converter.end(target, offset)
  return { text: target.toString('latin1', 0, offset), sizes: [converter.sizeBytes, converter.virtualSizeBytes] }
}

describe('line ends', () => {
  it.each([
    { text: '', lf: '', virtual: 0 },
    { text: 'a\r\nb\r\n', lf: 'a\nb\n', virtual: 6 },
    { text: '\r\n\r\n', lf: '\n\n', virtual: 4 },
    { text: 'a\rb', lf: 'a\rb', virtual: 3 },
    { text: 'a\r', lf: 'a\r', virtual: 2 },
    { text: 'a\nb', lf: 'a\nb', virtual: 4 },
    { text: '\r\r\n', lf: '\r\n', virtual: 2 },
    { text: '\r\r\r', lf: '\r\r\r', virtual: 3 },
    { text: '\n\r\n\r', lf: '\n\n\r', virtual: 5 },
    { text: '\u0000\u00ff\r\n', lf: '\u0000\u00ff\n', virtual: 4 },
  ])('of $text become $lf, however it is cut', ({ text, lf, virtual }) => {
    for (let step = 1; step <= Math.max(1, text.length); step += 1) {
      expect(convert(text, step)).toEqual({ text: lf, sizes: [lf.length, virtual] })
    }
  })
})
