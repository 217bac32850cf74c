/**
 * PHC strings: `$algorithm$v=version$name=value,name=value$salt$hash`, salt and hash in base64 without padding.
 *
 * The version is argon2's alone. What is read here is text in the right form; whether its numbers may be used is judged
 * by the algorithm.
 */

import { fromBase64, toBase64 } from '@postroad/bytes'

/** A PHC string in its parts. */
export interface PhcString {
  readonly algorithm: string
  readonly version: number | undefined
  /** In the order in which they stand. */
  readonly parameters: ReadonlyMap<string, number>
  readonly salt: Uint8Array
  readonly hash: Uint8Array
}

const MAX_LENGTH = 1_024

/** Reads a PHC string; `undefined` for any other text. */
export function parsePhc(text: string): PhcString | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const [empty, algorithm, ...parts] = text.split('$')
  if (empty !== '' || algorithm === undefined || !/^[a-z0-9-]{1,32}$/.test(algorithm)) return undefined
  const version = parts[0]?.startsWith('v=') === true ? readNumber(parts.shift()?.slice(2) ?? '') : undefined
  const [parameterText, saltText, hashText] = parts
  if (parts.length !== 3 || parameterText === undefined) return undefined

  const parameters = new Map<string, number>()
  for (const pair of parameterText.split(',')) {
    const [name = '', value = '', ...rest] = pair.split('=')
    const number = readNumber(value)
    if (!/^[a-z0-9-]{1,32}$/.test(name) || number === undefined || rest.length > 0 || parameters.has(name))
      return undefined
    parameters.set(name, number)
  }

  const salt = decode(saltText ?? '')
  const hash = decode(hashText ?? '')
  return salt === undefined || hash === undefined ? undefined : { algorithm, version, parameters, salt, hash }
}

/** Writes a PHC string. */
export function formatPhc({ algorithm, version, parameters, salt, hash }: PhcString): string {
  const pairs = [...parameters].map(([name, value]) => `${name}=${value}`).join(',')
  const versionPart = version === undefined ? '' : `$v=${version}`
  return `$${algorithm}${versionPart}$${pairs}$${encode(salt)}$${encode(hash)}`
}

/** Decimal digits without a leading zero, below a million times a million. */
function readNumber(text: string): number | undefined {
  return /^(0|[1-9][0-9]{0,11})$/.test(text) ? Number(text) : undefined
}

function encode(bytes: Uint8Array): string {
  return toBase64(bytes).replace(/={1,2}$/, '')
}

function decode(text: string): Uint8Array | undefined {
  return text.includes('=') ? undefined : fromBase64(text.padEnd(Math.ceil(text.length / 4) * 4, '='))
}
