/** Runs the coders of transfer encodings over whole bytes or pieces of them. */

import type { SyntaxFault } from '@postroad/address'
import { createTransferDecoder, createTransferEncoder } from '../src/index.ts'
import type { TransferDecoder, TransferEncoder, TransferEncoderOptions, TransferEncoding } from '../src/index.ts'

/**
 * What a coder gives for chunks; each is overwritten after it was taken, as memory that is reused would be. They are
 * Buffers, whose `slice` shares memory.
 */
export function run(coder: TransferDecoder | TransferEncoder, chunks: readonly Uint8Array[]): Uint8Array {
  const given: Uint8Array[] = []
  for (const chunk of chunks) {
    const lent = Buffer.from(chunk)
    given.push(new Uint8Array(coder.push(lent)))
    lent.fill(46)
  }
  given.push(coder.finish())
  return new Uint8Array(Buffer.concat(given))
}

/** Encodes. */
export function encode(
  encoding: TransferEncoding,
  chunks: readonly Uint8Array[],
  options?: TransferEncoderOptions,
): Uint8Array {
  return run(createTransferEncoder(encoding, options), chunks)
}

/** Decodes. */
export function decode(encoding: TransferEncoding, chunks: readonly Uint8Array[]): Uint8Array {
  return run(createTransferDecoder(encoding), chunks)
}

/** The fault that decoding finds. */
export function faultOf(encoding: TransferEncoding, chunks: readonly Uint8Array[]): SyntaxFault | undefined {
  const decoder = createTransferDecoder(encoding)
  run(decoder, chunks)
  return decoder.fault
}

/** One byte in each chunk. */
export const single = (value: Uint8Array): Uint8Array[] => Array.from(value, (byte) => Uint8Array.of(byte))
