import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../src/duration.ts'
import { type Endpoint, formatEndpoint, isHostname, parseEndpoint } from '../src/endpoint.ts'
import { nearest } from '../src/nearest.ts'
import { formatSize, parseSize } from '../src/size.ts'

describe('a duration', () => {
  it.each([
    { text: '5d', ms: 432_000_000 },
    { text: '90s', ms: 90_000 },
    { text: '15m', ms: 900_000 },
    { text: '2h', ms: 7_200_000 },
    { text: '500ms', ms: 500 },
    { text: '0s', ms: 0 },
  ])('$text is $ms milliseconds', ({ text, ms }) => {
    expect(parseDuration(text)).toBe(ms)
    expect(parseDuration(formatDuration(ms))).toBe(ms)
  })

  it.each(['', '5', 'd', '-5d', '1.5h', '5 d', '5D', '1h30m', '5w', '99999999999999d', ' 5d', '5d\n', '٥d'])(
    'is not %j',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  )

  it.each([
    { ms: 5_400_000, text: '90m' },
    { ms: 86_400_000, text: '1d' },
    { ms: 1001, text: '1001ms' },
  ])('of $ms milliseconds is written $text', ({ ms, text }) => expect(formatDuration(ms)).toBe(text))
})

describe('a size', () => {
  it.each([
    { text: '25MiB', bytes: 26_214_400 },
    { text: '512KiB', bytes: 524_288 },
    { text: '1GB', bytes: 1_000_000_000 },
    { text: '7B', bytes: 7 },
    { text: '0B', bytes: 0 },
  ])('$text is $bytes octets', ({ text, bytes }) => {
    expect(parseSize(text)).toBe(bytes)
    expect(formatSize(bytes)).toBe(text)
  })

  it.each(['', '25', 'MiB', '25mib', '25 MiB', '1.5GiB', '-1B', '999999999999999TiB', '25M', '25MiB '])(
    'is not %j',
    (text) => expect(parseSize(text)).toBeUndefined(),
  )
})

describe('an endpoint', () => {
  it.each<{ text: string; value: Endpoint }>([
    { text: '127.0.0.1:587', value: { host: '127.0.0.1', port: 587 } },
    { text: '[::1]:25', value: { host: '::1', port: 25 } },
    { text: 'mail.example.org:25', value: { host: 'mail.example.org', port: 25 } },
    { text: '0.0.0.0:0', value: { host: '0.0.0.0', port: 0 } },
    { text: 'unix:/run/postroad/lmtp.sock', value: { path: '/run/postroad/lmtp.sock' } },
  ])('$text is read and written back', ({ text, value }) => {
    expect(parseEndpoint(text)).toEqual(value)
    expect(formatEndpoint(value)).toBe(text)
  })

  it.each([
    '',
    ':25',
    '25',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '127.0.0.1:-1',
    '127.0.0.1:0x19',
    '::1:25',
    '[127.0.0.1]:25',
    '[::1]',
    '256.0.0.1:25',
    '127.1:25',
    'a_b:25',
    '-a:25',
    'a..b:25',
    'unix:',
    'unix:relative',
    'unix:/a\0b',
  ])('is not %j', (text) => expect(parseEndpoint(text)).toBeUndefined())
})

describe('a host name (RFC 5321 §4.1.2)', () => {
  it.each(['localhost', 'a', 'mail.example.org', 'xn--bcher-kva.example', '3com.example', 'a'.repeat(63)])(
    'is %j',
    (text) => expect(isHostname(text)).toBe(true),
  )
  it.each([
    '',
    '.',
    'a.',
    '.a',
    '-a',
    'a-',
    'a_b',
    'bücher.example',
    '10.0.0.1',
    '127.1',
    'a'.repeat(64),
    `${'a.'.repeat(127)}a`,
  ])('is not %j', (text) => expect(isHostname(text)).toBe(false))
})

describe('the nearest name', () => {
  const names = ['give-up-after', 'retry', 'lease', 'tls']
  it.each([
    { name: 'giveup-after', known: 'give-up-after' },
    { name: 'give_up_after', known: 'give-up-after' },
    { name: 'rerty', known: 'retry' },
    { name: 'Lease', known: 'lease' },
    { name: 'tsl', known: 'tls' },
  ])('of $name is $known', ({ name, known }) => expect(nearest(name, names)).toBe(known))
  it.each(['', 'concurrency', 'x'.repeat(1_000_000)])('of something else is none', (name) =>
    expect(nearest(name, names)).toBeUndefined(),
  )
})
