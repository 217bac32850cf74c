/**
 * The kinds of values a setting may have: what the file may say, how people are told, and how a value is written back.
 *
 * Each kind accepts what a TOML parser gives and refuses everything else with its `accepted` phrase.
 */

import { isIP } from 'node:net'
import { z } from 'zod'
import { formatDuration, parseDuration } from './duration.ts'
import { type Endpoint, formatEndpoint, isHostname, parseEndpoint } from './endpoint.ts'
import { formatSize, parseSize } from './size.ts'

/** One kind of value. */
export interface Kind<T> {
  /** Completes "accepted: ..."; names units and range. */
  readonly accepted: string
  /** From the TOML value to the value of the configuration; every issue's message is an accepted form. */
  readonly schema: z.ZodType<T>
  /** Writes a value as TOML. */
  readonly show: (value: T) => string
  /** From the text of an environment variable to what TOML would have given. */
  readonly fromText: (text: string) => unknown
}

/** Any text but the empty one, without control characters. */
export function text(accepted: string): Kind<string> {
  const schema = z.string({ error: accepted }).regex(/^[^\p{Cc}]{1,4096}$/u, { error: accepted })
  return { accepted, schema, show: quote, fromText: asIs }
}

/** The path of a file or folder. Relative ones start from the folder in which the process was started. */
export function path(): Kind<string> {
  return text('a path, such as "./postroad-data" or "/var/lib/postroad"')
}

/** A host name (`isHostname`). */
export function hostname(): Kind<string> {
  const accepted = 'a host name in ASCII, such as "mail.example.org"'
  return {
    accepted,
    schema: read(accepted, (value) => (isHostname(value) ? value : undefined)),
    show: quote,
    fromText: asIs,
  }
}

/** A host name or an IP address, without port and brackets. */
export function host(): Kind<string> {
  const accepted = 'a host name in ASCII or an IP address'
  const schema = read(accepted, (value) => (isHostname(value) || isIP(value) !== 0 ? value : undefined))
  return { accepted, schema, show: quote, fromText: asIs }
}

/** `true` or `false`. */
export function flag(): Kind<boolean> {
  const accepted = 'true or false'
  return {
    accepted,
    schema: z.boolean({ error: accepted }),
    show: String,
    fromText: (value) => (value === 'true' ? true : value === 'false' ? false : value),
  }
}

/** A whole number in a range. */
export function integer(least: number, most: number): Kind<number> {
  const accepted = `a whole number from ${least} to ${most}`
  return {
    accepted,
    schema: z.int({ error: accepted }).min(least, { error: accepted }).max(most, { error: accepted }),
    show: String,
    fromText: (value) => (/^[0-9]{1,15}$/.test(value) ? Number(value) : value),
  }
}

/** One of a few words. */
export function choice<const Word extends string>(...words: readonly Word[]): Kind<Word> {
  const accepted = words.map(quote).join(' or ')
  return { accepted, schema: z.enum(words, { error: accepted }), show: quote, fromText: asIs }
}

/** A duration in a range, as milliseconds. Ranges are given as durations too. */
export function duration(least: string, most: string): Kind<number> {
  const accepted = `a duration with its unit (d, h, m, s, ms), from "${least}" to "${most}"`
  const parse = (value: string): number | undefined =>
    inRange(parseDuration(value), parseDuration(least), parseDuration(most))
  return { accepted, schema: read(accepted, parse), show: (ms) => quote(formatDuration(ms)), fromText: asIs }
}

/** A size in a range, as octets. Ranges are given as sizes too. */
export function size(least: string, most: string): Kind<number> {
  const accepted = `a size with its unit (KiB, MiB, GiB or KB, MB, GB), from "${least}" to "${most}"`
  const parse = (value: string): number | undefined => inRange(parseSize(value), parseSize(least), parseSize(most))
  return { accepted, schema: read(accepted, parse), show: (bytes) => quote(formatSize(bytes)), fromText: asIs }
}

/** Where to listen, or whom to reach. */
export function endpoint(): Kind<Endpoint> {
  const accepted = '"address:port" (IPv6 in brackets) or "unix:/path"'
  return {
    accepted,
    schema: read(accepted, parseEndpoint),
    show: (value) => quote(formatEndpoint(value)),
    fromText: asIs,
  }
}

/** A list; in the environment its elements are parted by commas, or it is written as in TOML. */
export function list<T>(of: Kind<T>, options: { readonly least?: number } = {}): Kind<readonly T[]> {
  const least = options.least ?? 0
  const accepted = `a list${least > 0 ? ` of at least ${least}` : ''}, each ${of.accepted}`
  return {
    accepted,
    schema: z.array(of.schema, { error: accepted }).min(least, { error: accepted }).max(1000, { error: accepted }),
    show: (values) => `[${values.map(of.show).join(', ')}]`,
    fromText: (value) => value.split(',').map((element) => of.fromText(element.trim())),
  }
}

/** A string that `parse` turns into a value, or refuses by `undefined`. */
export function read<T>(accepted: string, parse: (text: string) => T | undefined): z.ZodType<T> {
  return z.string({ error: accepted }).transform((value, context) => {
    const parsed = parse(value)
    if (parsed !== undefined) return parsed
    context.addIssue({ code: 'custom', message: accepted })
    return z.NEVER
  })
}

/** Writes a string as TOML. */
export function quote(value: string): string {
  // JSON leaves U+007F as it is, which TOML does not allow.
  return JSON.stringify(value).replaceAll('\u007f', '\\u007F')
}

function asIs(value: string): string {
  return value
}

function inRange(value: number | undefined, least = 0, most = Number.MAX_SAFE_INTEGER): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined
}
