// The peers that have no types of their own: what is used of them.

declare module 'address-rfc2822' {
  const peer: { parse(line: string): readonly unknown[] }
  export default peer
}

declare module 'libmime' {
  const peer: { decodeHeaders(section: string): Readonly<Record<string, readonly string[]>> }
  export default peer
}

declare module 'libqp' {
  const peer: { encode(bytes: Buffer): string; wrap(text: string, lineLength?: number): string }
  export default peer
}

declare module 'mailparser' {
  export function simpleParser(
    source: Buffer,
    options?: Readonly<Record<string, boolean>>,
  ): Promise<{ readonly headerLines: readonly unknown[]; readonly attachments: readonly unknown[] }>
}
