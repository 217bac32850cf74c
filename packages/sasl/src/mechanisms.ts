/** Which mechanisms there are, best first, what each shows and needs, and which of them may be used where. */

/** A mechanism, as data. */
export interface Mechanism {
  /** As registered, in upper case. */
  readonly name: string
  /** What the client proves itself with. */
  readonly proves: 'password' | 'token' | 'certificate'
  /**
   * What somebody sees who listens, or poses as the server.
   *
   * - `plain`: the password or token itself; for a channel that is confidential, and a server that is verified.
   * - `hashed`: what passwords can be tried against.
   * - `none`: nothing.
   */
  readonly secrecy: 'plain' | 'hashed' | 'none'
  /** It proves that both ends see the same TLS channel. */
  readonly bindsChannel: boolean
  /** What a server looks up; `nothing`: it judges what the client sent. */
  readonly looksUp: 'nothing' | 'keys' | 'secret'
  /** Whether the client speaks first, with an initial response; `either` where servers take both. */
  readonly clientFirst: 'yes' | 'no' | 'either'
}

const scram = (name: string, bindsChannel: boolean): Mechanism => ({
  name,
  proves: 'password',
  secrecy: 'hashed',
  bindsChannel,
  looksUp: 'keys',
  clientFirst: 'yes',
})

const plain = (name: string, proves: 'password' | 'token', clientFirst: 'yes' | 'either'): Mechanism => ({
  name,
  proves,
  secrecy: 'plain',
  bindsChannel: false,
  looksUp: 'nothing',
  clientFirst,
})

/** All mechanisms, best first. */
export const MECHANISMS: readonly Mechanism[] = [
  scram('SCRAM-SHA-256-PLUS', true),
  scram('SCRAM-SHA-256', false),
  scram('SCRAM-SHA-1-PLUS', true),
  scram('SCRAM-SHA-1', false),
  {
    name: 'CRAM-MD5',
    proves: 'password',
    secrecy: 'hashed',
    bindsChannel: false,
    looksUp: 'secret',
    clientFirst: 'no',
  },
  plain('OAUTHBEARER', 'token', 'yes'),
  plain('XOAUTH2', 'token', 'yes'),
  {
    name: 'EXTERNAL',
    proves: 'certificate',
    secrecy: 'none',
    bindsChannel: false,
    looksUp: 'nothing',
    clientFirst: 'yes',
  },
  plain('PLAIN', 'password', 'yes'),
  plain('LOGIN', 'password', 'either'),
]

const BY_NAME: ReadonlyMap<string, Mechanism> = new Map(MECHANISMS.map((mechanism) => [mechanism.name, mechanism]))

/** The mechanism of that name, in any case; `undefined` where there is none. */
export function findMechanism(name: string): Mechanism | undefined {
  return BY_NAME.get(name.toUpperCase())
}

/** What there is to authenticate with, at this moment of a session. */
export interface MechanismSituation {
  /** A password or token may be shown: TLS, or whoever is responsible allows it without. */
  readonly confidential: boolean
  /** The channel can be bound (`chooseChannelBinding` gives something). */
  readonly bindable: boolean
  /** The client has shown a certificate that was verified. */
  readonly certificate: boolean
  /** Stored keys of SCRAM can be looked up. */
  readonly keys: boolean
  /** Passwords can be looked up in the clear, for CRAM-MD5. */
  readonly secrets: boolean
}

/**
 * The mechanisms that a server may offer, of those that it is ready to: their names in upper case, in the order given.
 * Names that are not known are left out.
 */
export function offerMechanisms(names: readonly string[], situation: MechanismSituation): readonly string[] {
  return names.flatMap((each) => {
    const mechanism = findMechanism(each)
    return mechanism !== undefined && mayOffer(mechanism, situation) ? [mechanism.name] : []
  })
}

function mayOffer({ proves, secrecy, bindsChannel, looksUp }: Mechanism, situation: MechanismSituation): boolean {
  return (
    (secrecy !== 'plain' || situation.confidential) &&
    (!bindsChannel || situation.bindable) &&
    (proves !== 'certificate' || situation.certificate) &&
    (looksUp !== 'keys' || situation.keys) &&
    (looksUp !== 'secret' || situation.secrets)
  )
}
