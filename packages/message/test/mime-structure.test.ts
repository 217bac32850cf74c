import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readStructure } from '../src/mime-structure.ts'
import type { MimeTree } from '../src/mime-structure.ts'
import { bytes, mimeBytes } from './texts.ts'

describe('readStructure', () => {
  it('gives parts as a tree, with the places of their bytes (RFC 2046 §5.1.1)', () => {
    const message = [
      'Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n',
      '--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n',
      '--c\r\n\r\ntext\r\n--c--\r\n',
      '--b--\r\nepilogue',
    ].join('')
    const whole = readStructure(bytes(message))
    const cut = ({ start, end }: { start: number; end: number }): string => message.slice(start, end)
    expect(whole.kind).toBe('multipart')
    expect(cut(whole.preamble)).toBe('preamble')
    expect(cut(whole.epilogue)).toBe('\r\nepilogue')
    expect(whole.bodyEnd).toBe(message.length)
    expect(whole.children.map(({ path }) => path)).toEqual(['1'])
    const [inner] = whole.children
    expect(inner?.preamble).toEqual({ start: inner?.bodyStart, end: inner?.bodyStart })
    expect(inner?.epilogue).toEqual({ start: inner?.bodyEnd, end: inner?.bodyEnd })
    const [leaf] = inner?.children ?? []
    expect(leaf && message.slice(leaf.bodyStart, leaf.bodyEnd)).toBe('text')
    expect(leaf?.children).toEqual([])
  })

  it('gives a message by itself as one leaf', () => {
    const { kind, path, bodyStart, bodyEnd, cutOff, children } = readStructure(bytes('a: b\r\n\r\ntext'))
    expect({ kind, path, bodyStart, bodyEnd, cutOff, children }).toEqual({
      kind: 'leaf',
      path: '1',
      bodyStart: 8,
      bodyEnd: 12,
      cutOff: false,
      children: [],
    })
  })

  it('gives what was cut off', () => {
    const whole = readStructure(bytes('Content-Type: multipart/mixed; boundary=b\r\n\r\nall preamble'))
    expect(whole.cutOff).toBe(true)
    expect(whole.preamble).toEqual({ start: 45, end: 57 })
    expect(whole.epilogue).toEqual({ start: 57, end: 57 })
  })

  it('keeps the bounds of the walk', () => {
    const message = bytes('Content-Type: message/rfc822\r\n\r\n'.repeat(3))
    expect(readStructure(message, { maxDepth: 1 }).children.map(({ undivided }) => undivided)).toEqual(['depth'])
  })

  it('gives a tree of any bytes, each part within the one around it', () => {
    const check = (tree: MimeTree): void => {
      let at = tree.bodyStart
      for (const child of tree.children) {
        expect(child.parent).toBe(tree.index)
        expect(child.headerStart).toBeGreaterThanOrEqual(at)
        check(child)
        at = child.bodyEnd
      }
      expect(at).toBeLessThanOrEqual(tree.epilogue.start)
      expect(tree.epilogue.end).toBe(tree.bodyEnd)
    }
    fc.assert(
      fc.property(mimeBytes, (message) => {
        const whole = readStructure(message)
        expect(whole.headerStart).toBe(0)
        expect(whole.bodyEnd).toBe(message.length)
        check(whole)
      }),
    )
  })
})
