/** Headers of the PROXY protocol, version 2, for the tests. */

export interface BinaryHeaderParts {
  /** Version and command; PROXY. */
  readonly command?: number
  readonly family: number
  readonly addresses: readonly number[]
  readonly tlvs?: readonly number[]
}

export function binaryHeader(parts: BinaryHeaderParts): { parts: BinaryHeaderParts; bytes: Uint8Array } {
  const { command = 0x21, family, addresses, tlvs = [] } = parts
  const length = addresses.length + tlvs.length
  const fixed = [command, family, length >> 8, length & 0xff]
  const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
  return { parts, bytes: Uint8Array.from([...signature, ...fixed, ...addresses, ...tlvs]) }
}
