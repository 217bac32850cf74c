/** The certificate of a run: self-signed, with a P-256 key, the same for all who take part. */

import { generate } from 'selfsigned'

/** In PEM. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

let made: Promise<Certificate> | undefined

/** Makes it at the first call. */
export function certificate(): Promise<Certificate> {
  made ??= generate([{ name: 'commonName', value: 'mx.example.net' }], { keyType: 'ec', curve: 'P-256' }).then(
    (pems) => ({ key: pems.private, cert: pems.cert }),
  )
  return made
}
