/**
 * The messages of SCRAM (RFC 5802 §7), read and written. Reading bounds what a peer may send; nothing throws.
 *
 *     client-first-message = gs2-cbind-flag "," [ authzid ] "," [ reserved-mext "," ] username "," nonce ["," extensions]
 *     server-first-message = [ reserved-mext "," ] nonce "," salt "," iteration-count ["," extensions]
 *     client-final-message = channel-binding "," nonce ["," extensions] "," proof
 *     server-final-message = (server-error / verifier) ["," extensions]
 */

import { fromBase64, toUtf8Strict } from '@postroad/bytes'
import { writeField } from './credentials.ts'

/** The longest message that is read, in octets: a name and an identity of 255 octets, each escaped, and much besides. */
const MAX_MESSAGE_OCTETS = 4_096
/** The longest nonce that is read. */
const MAX_NONCE = 1_024
/** The longest salt that is read, in octets. */
const MAX_SALT_OCTETS = 1_024

/** What a client says of channel binding. */
export type BindingFlag = 'n' | 'y' | { readonly type: string }

/** The client's first message. */
export interface ClientFirst {
  readonly flag: BindingFlag
  /** `''` where none was named. */
  readonly authorizationId: string
  readonly username: string
  readonly nonce: string
  /** With its two commas, as it was received. */
  readonly gs2Header: string
  /** What is behind the header, as it was received. */
  readonly bare: string
}

/** The server's first message. */
export interface ServerFirst {
  readonly nonce: string
  readonly salt: Uint8Array
  /** A positive number, at most 9 digits. */
  readonly iterations: number
  readonly text: string
}

/** The client's last message. */
export interface ClientFinal {
  /** Decoded: the header and the data of the channel. */
  readonly channelBinding: Uint8Array
  readonly nonce: string
  readonly proof: Uint8Array
  readonly withoutProof: string
}

/** Reads a client-first-message; `undefined` where it is none. */
export function readClientFirst(message: Uint8Array): ClientFirst | undefined {
  const text = readText(message)
  const [flagText = '', identity = ''] = text?.split(',', 2) ?? []
  const gs2Header = `${flagText},${identity},`
  if (text === undefined || !text.startsWith(gs2Header)) return undefined
  const flag = readFlag(flagText)
  const authorizationId = identity === '' ? '' : readName(identity, 'a')
  const bare = text.slice(gs2Header.length)
  const [name, nonceText, ...extensions] = bare.split(',')
  const username = readName(name, 'n')
  const nonce = readNonce(nonceText)
  if (flag === undefined || authorizationId === undefined || username === undefined) return undefined
  if (nonce === undefined || !extensions.every(isExtension)) return undefined
  return { flag, authorizationId, username, nonce, gs2Header, bare }
}

/** Reads a server-first-message; `undefined` where it is none. */
export function readServerFirst(message: Uint8Array): ServerFirst | undefined {
  const text = readText(message)
  if (text === undefined) return undefined
  const [nonceText, saltText, countText, ...extensions] = text.split(',')
  const nonce = readNonce(nonceText)
  const salt = readBase64(saltText, 's')
  const count = readValue(countText, 'i')
  if (nonce === undefined || salt === undefined || salt.length > MAX_SALT_OCTETS) return undefined
  if (count === undefined || !/^[1-9]\d{0,8}$/.test(count) || !extensions.every(isExtension)) return undefined
  return { nonce, salt, iterations: Number(count), text }
}

/** Reads a client-final-message; `undefined` where it is none. */
export function readClientFinal(message: Uint8Array): ClientFinal | undefined {
  const text = readText(message)
  if (text === undefined) return undefined
  const [bindingText, nonceText, ...rest] = text.split(',')
  const proofText = rest.pop()
  const channelBinding = readBase64(bindingText, 'c')
  const nonce = readNonce(nonceText)
  const proof = readBase64(proofText, 'p')
  if (channelBinding === undefined || nonce === undefined || proof === undefined) return undefined
  if (!rest.every(isExtension)) return undefined
  return { channelBinding, nonce, proof, withoutProof: text.slice(0, text.lastIndexOf(',')) }
}

/** Reads a server-final-message: the server's signature, or that it refuses; `undefined` where it is neither. */
export function readServerFinal(message: Uint8Array): Uint8Array | 'refused' | undefined {
  const [first, ...extensions] = readText(message)?.split(',') ?? []
  if (!extensions.every(isExtension)) return undefined
  return readValue(first, 'e') === undefined ? readBase64(first, 'v') : 'refused'
}

/** A name as it stands in a message: `=` and `,` are written `=3D` and `=2C` (RFC 5802 §5.1). */
export function writeName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C')
}

function readText(message: Uint8Array): string | undefined {
  if (message.length > MAX_MESSAGE_OCTETS) return undefined
  const text = toUtf8Strict(message)
  return text?.includes('\0') === true ? undefined : text
}

/** The value of the attribute; `undefined` where another stands there, or none. It is not empty. */
function readValue(text: string | undefined, attribute: string): string | undefined {
  if (text === undefined || text.length < 3) return undefined
  return text.startsWith(`${attribute}=`) ? text.slice(2) : undefined
}

function readBase64(text: string | undefined, attribute: string): Uint8Array | undefined {
  const value = readValue(text, attribute)
  return value === undefined ? undefined : fromBase64(value)
}

/** Printable ASCII but for the comma (RFC 5802 §7). */
function readNonce(text: string | undefined): string | undefined {
  const nonce = readValue(text, 'r')
  return nonce !== undefined && nonce.length <= MAX_NONCE && /^[\x21-\x7e]+$/.test(nonce) ? nonce : undefined
}

/** The name in an attribute; where `=` stands for itself it is none (RFC 5802 §5.1). */
export function readName(text: string | undefined, attribute: string): string | undefined {
  const value = readValue(text, attribute)
  if (value === undefined || /=(?!2C|3D)/.test(value)) return undefined
  const name = value.replaceAll('=2C', ',').replaceAll('=3D', '=')
  return writeField(name) === undefined ? undefined : name
}

function readFlag(text: string): BindingFlag | undefined {
  if (text === 'n' || text === 'y') return text
  const type = readValue(text, 'p')
  // RFC 5801 §4: cb-name
  return type !== undefined && /^[\dA-Za-z.-]+$/.test(type) ? { type } : undefined
}

/**
 * An attribute that means nothing to us is ignored, but not `m`: it stands for an extension that must be understood
 * (RFC 5802 §5.1).
 */
function isExtension(text: string): boolean {
  return /^[A-Za-ln-z]=./s.test(text)
}
