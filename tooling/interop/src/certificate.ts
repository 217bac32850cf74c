/** One certificate for all servers of a run, signed by itself: whoever trusts it knows `mx.example.net` and the loopback. */

import { generate } from 'selfsigned'

/** A key and its certificate, in PEM. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

let made: Promise<Certificate> | undefined

/** Makes it, or gives the one that was made. */
export function certificate(): Promise<Certificate> {
  made ??= generate([{ name: 'commonName', value: 'mx.example.net' }], {
    keyType: 'rsa',
    keySize: 2048,
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'mx.example.net' },
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  }).then((pems) => ({ key: pems.private, cert: pems.cert }))
  return made
}
