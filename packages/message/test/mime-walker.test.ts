import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeaderReader } from '../src/header-reader.ts'
import type { MimeEvent, MimeWalkerOptions } from '../src/mime-part.ts'
import { MimeWalker } from '../src/mime-walker.ts'
import { bytes, cuts, mailBytes, mimeBytes, text, utf8 } from './texts.ts'

/** Walks through a message and keeps what the events say; runs of bytes are joined, so that cuts do not show. */
function walk(message: Uint8Array, options: MimeWalkerOptions = {}, places: readonly number[] = []): string[] {
  const walker = new MimeWalker(options)
  const seen: { line: string; end: number; type: string }[] = []
  const take = (events: readonly MimeEvent[]): void => {
    for (const event of events) {
      const { type, part } = event
      if (type === 'part') {
        const { index, parent, depth, path, kind, undivided, contentType, transferEncoding } = part
        const { headerStart, headerEnd, bodyStart } = part
        const media = `${contentType.type}/${contentType.subtype}`
        const places = `${headerStart} ${headerEnd} ${bodyStart}`
        const line = `part ${index} in ${parent} at ${depth} "${path}" ${kind} ${undivided} ${media} ${transferEncoding} ${places}`
        seen.push({ type, end: bodyStart, line: `${line} ${text(part.header.toBytes())}` })
      } else if (type === 'end') {
        seen.push({ type, end: -1, line: `end ${part.index} ${event.bodyEnd} ${event.cutOff ? 'cut off' : 'whole'}` })
      } else {
        const last = seen.at(-1)
        const piece = text(event.bytes)
        expect(event.bytes.length).toBeGreaterThan(0)
        if (last?.type === type && last.end === event.offset && (type !== 'delimiter' || !last.line.endsWith('\n')))
          seen[seen.length - 1] = { type, end: event.offset + piece.length, line: last.line + piece }
        else
          seen.push({ type, end: event.offset + piece.length, line: `${type} ${part.index} ${event.offset} ${piece}` })
      }
    }
  }
  for (const chunk of cuts(message, places)) {
    const copy = Buffer.from(chunk)
    take(walker.push(copy))
    copy.fill(0)
  }
  take(walker.finish())
  return seen.map(({ line }) => line)
}

/** What was found, in short: each part by path with its kind, its body or its own bytes, and its end. */
function outline(message: string, options: MimeWalkerOptions = {}): string[] {
  const walker = new MimeWalker(options)
  return [...walker.push(bytes(message)), ...walker.finish()].map((event) => {
    const { type, part } = event
    const path = part.path === '' ? '-' : part.path
    const more = part.undivided === undefined ? '' : ` ${part.undivided}`
    if (type === 'part') return `${path} ${part.kind}${more}`
    if (type === 'end') return `${path} end${event.cutOff ? ' cut off' : ''}`
    return `${path} ${type} ${JSON.stringify(text(event.bytes))}`
  })
}

const multipart = (boundary: string, subtype = 'mixed'): string =>
  `Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n\r\n`

describe('MimeWalker', () => {
  it('finds the parts of a multipart with preamble and epilogue (RFC 2046 §5.1.1)', () => {
    const message = `${multipart('b')}pre\r\n--b\r\n\r\nno line break\r\n--b\r\nContent-Type: a/b\r\n\r\nline break\r\n\r\n--b--\r\nepi\r\n`
    expect(outline(message)).toEqual([
      '- multipart',
      '- preamble "pre"',
      '- delimiter "\\r\\n--b\\r\\n"',
      '1 leaf',
      '1 body "no line break"',
      '1 end',
      '- delimiter "\\r\\n--b\\r\\n"',
      '2 leaf',
      '2 body "line break\\r\\n"',
      '2 end',
      '- delimiter "\\r\\n--b--"',
      '- epilogue "\\r\\nepi\\r\\n"',
      '- end',
    ])
  })

  it('knows the places, headers and types of parts', () => {
    const message = `${multipart('b')}--b\r\nContent-Transfer-Encoding: BASE64\r\n\r\nQQ==\r\n--b--`
    expect(walk(bytes(message))).toEqual([
      `part 0 in undefined at 0 "" multipart undefined multipart/mixed 7bit 0 45 47 Content-Type: multipart/mixed; boundary="b"\r\n`,
      'delimiter 0 47 --b\r\n',
      'part 1 in 0 at 1 "1" leaf undefined text/plain base64 52 87 89 Content-Transfer-Encoding: BASE64\r\n',
      'body 1 89 QQ==',
      'end 1 93 whole',
      'delimiter 0 93 \r\n--b--',
      'end 0 100 whole',
    ])
  })

  it.each([
    { what: 'no byte at all', message: '', events: ['1 leaf', '1 end'] },
    { what: 'a body alone', message: 'text\r\n', events: ['1 leaf', '1 body "text\\r\\n"', '1 end'] },
    { what: 'a continuation at the start', message: ' x\r\n', events: ['1 leaf', '1 body " x\\r\\n"', '1 end'] },
    { what: 'an empty header section', message: '\r\n\r\n', events: ['1 leaf', '1 body "\\r\\n"', '1 end'] },
    { what: 'fields alone', message: 'a: b\r\nc: d', events: ['1 leaf', '1 end'] },
    { what: 'a line that is no field', message: 'a: b\r\nc\r\n', events: ['1 leaf', '1 body "c\\r\\n"', '1 end'] },
    { what: 'a From line', message: 'From x\r\na: b\r\n\r\nc', events: ['1 leaf', '1 body "c"', '1 end'] },
    { what: 'a quoted From line', message: '>From x\r\na: b\r\n\r\nc', events: ['1 leaf', '1 body "c"', '1 end'] },
    { what: 'a multipart without parts', message: multipart('b'), events: ['- multipart', '- end cut off'] },
    {
      what: 'a multipart that ends at once',
      message: `${multipart('b')}--b--`,
      events: ['- multipart', '- delimiter "--b--"', '- end'],
    },
    {
      what: 'a delimiter at the very end',
      message: `${multipart('b')}--b`,
      events: ['- multipart', '- delimiter "--b"', '- end cut off'],
    },
    {
      what: 'a delimiter with a line end at the very end',
      message: `${multipart('b')}--b\n`,
      events: ['- multipart', '- delimiter "--b\\n"', '1 leaf', '1 end cut off', '- end cut off'],
    },
  ])('takes $what', ({ message, events }) => {
    expect(outline(message)).toEqual(events)
  })

  it.each([
    { what: 'white space behind it', line: '--b \t \r\n', epilogue: false },
    { what: 'text behind it', line: '--b text\r\n', epilogue: false },
    { what: 'bare LF', line: '--b\n', epilogue: false },
    { what: 'a hyphen behind it', line: '--b-\r\n', epilogue: false },
    { what: 'two hyphens behind it', line: '--b--', epilogue: true },
    { what: 'two hyphens and white space behind it', line: '--b-- \t', epilogue: true },
    { what: 'two hyphens and text behind it', line: '--b--text', epilogue: true },
  ])('takes a boundary with $what for a delimiter (RFC 2046 §5.1.1)', ({ line, epilogue }) => {
    const events = outline(`${multipart('b')}--b\n\nx\n${line}${epilogue ? '\r\n' : ''}y`)
    expect(events).toContain(`- delimiter ${JSON.stringify(`\n${line}`)}`)
    expect(events).toContain(epilogue ? '- epilogue "\\r\\ny"' : '2 body "y"')
  })

  it.each([
    { what: 'not at the start of a line', line: ' --b' },
    { what: 'after a bare CR', line: 'x\r--b' },
    { what: 'with one hyphen', line: '-b' },
    { what: 'in other case', line: '--B' },
    { what: 'not whole', line: '--' },
  ])('takes a boundary $what for content', ({ line }) => {
    expect(outline(`${multipart('b')}--b\n\n${line}\n--b--`)).toContain(`1 body ${JSON.stringify(line)}`)
  })

  it('ignores delimiters behind the close-delimiter (RFC 2046 §5.1.1)', () => {
    expect(outline(`${multipart('b')}--b--\r\n--b\r\n\r\nx`)).toEqual([
      '- multipart',
      '- delimiter "--b--"',
      '- epilogue "\\r\\n--b\\r\\n\\r\\nx"',
      '- end',
    ])
  })

  it('deletes white space at the end of a boundary (RFC 2046 §5.1.1)', () => {
    expect(outline(`${multipart('b \t')}--b\r\n\r\nx\r\n--b --`)).toContain('1 body "x"')
  })

  it.each([
    { charset: 'UTF-8', message: utf8(`${multipart('bé')}--bé\r\n\r\nx\r\n--bé--`) },
    { charset: 'ISO 8859-1', message: bytes(`${multipart('bé')}--bé\r\n\r\nx\r\n--bé--`) },
  ])('finds a boundary with a byte above 127, in $charset', ({ message }) => {
    expect(walk(message).filter((line) => line.startsWith('end'))).toEqual([
      expect.stringMatching(/^end 1 \d+ whole$/),
      expect.stringMatching(/^end 0 \d+ whole$/),
    ])
  })

  it('takes a part that has header fields alone, or nothing (RFC 2046 §5.1.1: body-part)', () => {
    expect(outline(`${multipart('b')}--b\r\na: b\r\n--b\r\n--b\r\n\r\n--b--`)).toEqual([
      '- multipart',
      '- delimiter "--b\\r\\n"',
      '1 leaf',
      '1 end',
      '- delimiter "--b\\r\\n"',
      '2 leaf',
      '2 end',
      '- delimiter "--b\\r\\n"',
      '3 leaf',
      '3 end',
      '- delimiter "--b--"',
      '- end',
    ])
  })

  it('ends parts without a close-delimiter at a delimiter around them (RFC 2046 §5.1.2)', () => {
    const message = `${multipart('b')}--b\r\n${multipart('c')}--c\r\n\r\nx\r\n--b\r\n\r\ny`
    expect(outline(message)).toEqual([
      '- multipart',
      '- delimiter "--b\\r\\n"',
      '1 multipart',
      '1 delimiter "--c\\r\\n"',
      '1.1 leaf',
      '1.1 body "x"',
      '1.1 end cut off',
      '1 end cut off',
      '- delimiter "\\r\\n--b\\r\\n"',
      '2 leaf',
      '2 body "y"',
      '2 end cut off',
      '- end cut off',
    ])
  })

  it.each([
    { outer: 'b', inner: 'b-1' },
    { outer: 'b-1', inner: 'b' },
    { outer: 'b', inner: 'b--' },
    { outer: 'b', inner: 'b' },
    { outer: 'a', inner: 'b' },
  ])('tells the boundaries $outer and $inner apart by the longest (RFC 2046 §5.1.1)', ({ outer, inner }) => {
    const message = `${multipart(outer)}--${outer}\n${multipart(inner)}--${inner}\n\nx\n--${inner}\n\ny\n--${inner}--\n--${outer}\n\nz\n--${outer}--`
    expect(outline(message).filter((event) => event.includes('body') || event.includes('end'))).toEqual([
      '1.1 body "x"',
      '1.1 end',
      '1.2 body "y"',
      '1.2 end',
      '1 end',
      '2 body "z"',
      '2 end',
      '- end',
    ])
  })

  it('goes into messages, whose parts have the paths of IMAP (RFC 9051 §6.4.5.1)', () => {
    const message = `${multipart('b')}--b\r\nContent-Type: message/rfc822\r\n\r\n${multipart('c')}--c\r\n\r\nx\r\n--c--\r\n--b\r\nContent-Type: message/global\r\n\r\nFrom x\r\na: b\r\n\r\ny\r\n--b--`
    expect(outline(message)).toEqual([
      '- multipart',
      '- delimiter "--b\\r\\n"',
      '1 message',
      '1 multipart',
      '1 delimiter "--c\\r\\n"',
      '1.1 leaf',
      '1.1 body "x"',
      '1.1 end',
      '1 delimiter "\\r\\n--c--"',
      '1 end',
      '1 end',
      '- delimiter "\\r\\n--b\\r\\n"',
      '2 message',
      '2.1 leaf',
      '2.1 body "y"',
      '2.1 end',
      '2 end',
      '- delimiter "\\r\\n--b--"',
      '- end',
    ])
  })

  it('has a message without a header section where the part has no body', () => {
    expect(outline(`${multipart('b', 'digest')}--b\r\n--b--`)).toEqual([
      '- multipart',
      '- delimiter "--b\\r\\n"',
      '1 message',
      '1.1 leaf',
      '1.1 end',
      '1 end',
      '- delimiter "--b--"',
      '- end',
    ])
  })

  it('takes parts of a digest for messages where they do not say (RFC 2046 §5.1.5)', () => {
    const parts = '--b\r\n\r\na: b\r\n\r\nx\r\n--b\r\nContent-Type: text/plain\r\n\r\ny\r\n--b--'
    expect(outline(multipart('b', 'digest') + parts).filter((event) => / (?:message|leaf)$/.test(event))).toEqual([
      '1 message',
      '1.1 leaf',
      '2 leaf',
    ])
    expect(outline(multipart('b') + parts).filter((event) => / (?:message|leaf)$/.test(event))).toEqual([
      '1 leaf',
      '2 leaf',
    ])
  })

  it.each([
    { why: 'no-boundary', header: 'Content-Type: multipart/mixed\r\n' },
    { why: 'no-boundary', header: 'Content-Type: multipart/mixed; boundary=""\r\n' },
    { why: 'no-boundary', header: 'Content-Type: multipart/mixed; boundary="a\tb"\r\n' },
    { why: 'no-boundary', header: `Content-Type: multipart/mixed; boundary=${'b'.repeat(8_193)}\r\n` },
    { why: 'encoded', header: 'Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n' },
    { why: 'encoded', header: 'Content-Type: message/global\r\nContent-Transfer-Encoding: x-unknown\r\n' },
  ])('leaves a part whole: $why', ({ why, header }) => {
    expect(outline(`${header}\r\n--\r\n`)).toEqual([`1 leaf ${why}`, '1 body "--\\r\\n"', '1 end'])
  })

  it('reads the parts of a multipart that says it is encoded (against RFC 2045 §6.4)', () => {
    const message = `Content-Transfer-Encoding: base64\r\n${multipart('b')}--b\r\n\r\nx\r\n--b--`
    expect(outline(message)).toContain('1 body "x"')
  })

  it.each([{ encoding: '8bit' }, { encoding: 'binary' }])('goes into a message in $encoding', ({ encoding }) => {
    const message = `Content-Type: message/rfc822\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\na: b\r\n\r\nx`
    expect(outline(message)).toEqual(['1 message', '1.1 leaf', '1.1 body "x"', '1.1 end', '1 end'])
  })

  it('finds a boundary of 8,192 bytes', () => {
    const boundary = 'b'.repeat(8_192)
    const message = bytes(`${multipart(boundary)}--${boundary}\r\n\r\n--${'b'.repeat(8_191)}\r\n--${boundary}--`)
    expect(walk(message)).toEqual(
      walk(
        message,
        {},
        [...message.keys()].filter((place) => place % 1_000 === 7),
      ),
    )
    expect(walk(message).find((line) => line.startsWith('body'))).toMatch(/^body 1 \d+ --b{8191}$/)
  })

  describe('within bounds', () => {
    const nested = `${multipart('a')}--a\r\n${multipart('b')}--b\r\n\r\nx\r\n--b--\r\n--a--`

    it('leaves what lies too deep whole', () => {
      expect(outline(nested, { maxDepth: 1 })).toEqual([
        '- multipart',
        '- delimiter "--a\\r\\n"',
        '1 leaf depth',
        '1 body "--b\\r\\n\\r\\nx\\r\\n--b--"',
        '1 end',
        '- delimiter "\\r\\n--a--"',
        '- end',
      ])
      expect(outline(nested, { maxDepth: 2 })).toContain('1.1 body "x"')
      expect(outline('Content-Type: message/rfc822\r\n\r\n', { maxDepth: 0 })).toEqual(['1 leaf depth', '1 end'])
    })

    it('gives what follows to the part that is one too many', () => {
      const message = `${multipart('a')}--a\r\n\r\nx\r\n--a\r\n${multipart('b')}--b\r\n\r\n--a\r\n`
      expect(outline(message, { maxParts: 2 })).toEqual([
        '- multipart',
        '- delimiter "--a\\r\\n"',
        '1 leaf',
        '1 body "x"',
        '1 end',
        '- delimiter "\\r\\n--a\\r\\n"',
        '2 leaf parts',
        '2 body "--b\\r\\n\\r\\n--a\\r\\n"',
        '2 end cut off',
        '- end cut off',
      ])
    })

    it.each([
      { what: 'bytes', options: { maxHeaderBytes: 8 } },
      { what: 'fields', options: { maxHeaderFields: 1 } },
    ])('ends a header section before the line with too many $what', ({ options }) => {
      const message = bytes('a: b\r\nc: d\r\n\r\nx')
      const places = [...message.keys()]
      expect(walk(message, options)).toEqual([
        'part 0 in undefined at 0 "1" leaf header text/plain 7bit 0 6 6 a: b\r\n',
        'body 0 6 c: d\r\n\r\nx',
        'end 0 15 whole',
      ])
      expect(walk(message, options, places)).toEqual(walk(message, options))
    })

    it('still finds the delimiters around a header section that is too large', () => {
      const message = `${multipart('b')}--b\r\na: ${'a'.repeat(50)}\r\n\r\nx\r\n--b--`
      expect(outline(message, { maxHeaderBytes: 50 })).toContain('- delimiter "\\r\\n--b--"')
    })

    it('leaves deep nesting at a hundred levels, linear in its bytes', () => {
      const levels = Array.from({ length: 30_000 }, (_, level) => `${multipart(`b${level}`)}--b${level}\r\n`)
      const walker = new MimeWalker()
      const events = [...walker.push(bytes(levels.join(''))), ...walker.finish()]
      expect(Math.max(...events.map(({ part }) => part.depth))).toBe(100)
      expect(events.filter(({ type }) => type === 'part')).toHaveLength(10_001)
    })

    it('takes megabytes of what a long boundary repeats', () => {
      const boundary = 'a'.repeat(8_192)
      const near = `x\n--${boundary.slice(1)}b`
      const message = bytes(`${multipart(boundary)}${near.repeat(30)}${'a'.repeat(20_000_000)}\n--${boundary}--`)
      const walker = new MimeWalker()
      const events = [...walker.push(message), ...walker.finish()]
      expect(events.map(({ type }) => type)).toEqual(['part', 'preamble', 'delimiter', 'end'])
    })

    it('takes a megabyte of lines that are nearly delimiters of a hundred multiparts', () => {
      const near = 'a'.repeat(4_000)
      const levels = Array.from({ length: 99 }, (_, level) => `${multipart(near + level)}--${near}${level}\r\n`)
      const message = bytes(`${levels.join('')}\r\n${`--${near}x\r\n`.repeat(200)}${'--\r\n'.repeat(100_000)}`)
      const walker = new MimeWalker()
      const events = [...walker.push(message), ...walker.finish()]
      expect(events.filter(({ type }) => type === 'part')).toHaveLength(100)
    })
  })

  it('gives nothing after the end', () => {
    const walker = new MimeWalker()
    expect(walker.finish()).toHaveLength(2)
    expect(walker.push(bytes('x'))).toEqual([])
    expect(walker.finish()).toEqual([])
  })

  it('gives body bytes as slices of the chunk', () => {
    const walker = new MimeWalker()
    walker.push(bytes(`${multipart('b')}--b\r\n\r\n`))
    const chunk = bytes('x\r\ny\r\n')
    const [event] = walker.push(chunk)
    expect(event?.type === 'body' && event.bytes.buffer).toBe(chunk.buffer)
  })

  it('keeps headers when the memory of a chunk is used again, that of a Buffer too', () => {
    const walker = new MimeWalker()
    const chunk = Buffer.from('A: b\r\n\r\n')
    const [event] = walker.push(chunk)
    chunk.fill(63)
    expect(event?.type === 'part' && event.part.header.first('A')?.value).toBe('b')
  })

  it('ends the header section of a message where HeaderReader does, but for a From line', () => {
    fc.assert(
      fc.property(mailBytes, (message) => {
        fc.pre(!/^>?From /.test(text(message)))
        const reader = new HeaderReader()
        const pushed = reader.push(message)
        const read = pushed.kind === 'more' ? reader.end() : pushed
        const walker = new MimeWalker()
        const [event] = [...walker.push(message), ...walker.finish()]
        if (event?.type !== 'part' || read.kind !== 'header') throw new Error(read.kind)
        expect(event.part.header.fields.map(({ raw }) => text(raw))).toEqual(
          read.header.fields.map(({ raw }) => text(raw)),
        )
        expect(event.part.bodyStart - event.part.headerEnd).toBe(read.separator.length)
      }),
      { numRuns: 500 },
    )
  })

  it('has every byte of any message in one place, in order', () => {
    fc.assert(
      fc.property(mimeBytes, fc.array(fc.nat()), (message, places) => {
        const walker = new MimeWalker({ maxDepth: 4, maxParts: 12, maxHeaderBytes: 80, maxHeaderFields: 4 })
        let seen = ''
        let depth = 0
        const take = (events: readonly MimeEvent[]): void => {
          for (const event of events) {
            if (event.type === 'part') {
              expect(event.part.headerStart).toBe(seen.length)
              seen += text(event.part.header.toBytes())
              expect(event.part.headerEnd).toBe(seen.length)
              seen += text(message.subarray(event.part.headerEnd, event.part.bodyStart))
              depth += 1
            } else if (event.type === 'end') {
              expect(event.bodyEnd).toBe(seen.length)
              depth -= 1
            } else {
              expect(event.offset).toBe(seen.length)
              seen += text(event.bytes)
            }
          }
        }
        for (const chunk of cuts(message, places)) take(walker.push(chunk))
        take(walker.finish())
        expect(seen).toBe(text(message))
        expect(depth).toBe(0)
      }),
      { numRuns: 500 },
    )
  })

  it('finds the same however the message is cut', () => {
    const options = { maxDepth: 4, maxParts: 12, maxHeaderBytes: 80, maxHeaderFields: 4 }
    fc.assert(
      fc.property(mimeBytes, fc.array(fc.nat()), (message, places) => {
        const whole = walk(message, options)
        expect(walk(message, options, places)).toEqual(whole)
        expect(walk(message, options, [...message.keys()])).toEqual(whole)
      }),
      { numRuns: 200 },
    )
  })
})
