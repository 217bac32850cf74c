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

/**
 * For mx.example.net, by Ed25519, until 2124: `selfsigned` makes none. Its signature names no hash, so that below TLS 1.3
 * nothing can be bound to the channel (RFC 5929 §4.1).
 */
export const ED25519: Pem = {
  key: `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIHLsHRODwEjmmMDL4neSQRu1FBVx6G+YEeFpp/lE/l25
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBHjCB0aADAgECAgEBMAUGAytlcDAZMRcwFQYDVQQDDA5teC5leGFtcGxlLm5l
dDAgFw0yNDAxMDEwMDAwMDBaGA8yMTI0MDEwMTAwMDAwMFowGTEXMBUGA1UEAwwO
bXguZXhhbXBsZS5uZXQwKjAFBgMrZXADIQBROK27vLPoIQ5vy/zKft2jSA6YmzIL
ITYyNpniE09UYqM8MDowGQYDVR0RBBIwEIIObXguZXhhbXBsZS5uZXQwHQYDVR0O
BBYEFGoyVgOTMAklnz21FjpFxtJNnmrWMAUGAytlcANBAK4XcLrvNRGnkG87Kq0Q
7/QD7flaplqgORjLx46FRn2UIqX9GCT28cWXqhUny4aXW6IuyVh+I6UC9fFogWaZ
MQk=
-----END CERTIFICATE-----
`,
}
