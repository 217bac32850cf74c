/**
 * Search, joining, base64, Latin-1 and UTF-8 text over `Uint8Array`.
 *
 * Under the `node` export condition the same functions run on `Buffer`'s native code; one suite tests both.
 *
 * @packageDocumentation
 */

export {
  byteAt,
  concat,
  equals,
  fromBase64,
  fromLatin1,
  fromUtf8,
  indexOf,
  indexOfByte,
  isAscii,
  toBase64,
  toLatin1,
  toUtf8,
  toUtf8Strict,
  writeBase64,
} from './portable.ts'
