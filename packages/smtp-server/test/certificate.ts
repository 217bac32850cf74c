/** Certificates for the tests, each made once per run. */

import { generate } from 'selfsigned'

export interface Pem {
  readonly key: string
  readonly cert: string
}

const made = new Map<string, Promise<Pem>>()

/** A certificate that signs itself, for these names; their first is its common name. */
export function certificate(...names: string[]): Promise<Pem> {
  const altNames = (names.length === 0 ? ['mx.example.net'] : names).map((value) => ({ type: 2, value }) as const)
  const id = names.join()
  const pem =
    made.get(id) ??
    generate([{ name: 'commonName', value: altNames[0]?.value ?? '' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames },
      ],
    }).then((pems) => ({ key: pems.private, cert: pems.cert }))
  made.set(id, pem)
  return pem
}
