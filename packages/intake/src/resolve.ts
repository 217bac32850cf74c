/**
 * Finds out what becomes of a recipient: local or not, expanded through aliases, each target with its route.
 *
 * Aliases are expanded once, here; the original recipient is kept for reports (RFC 3461 §5.2.1), and of several targets
 * one alone reports success (RFC 3461 §5.2.7.3). Expansion is bounded in depth and number, and a loop of aliases ends at
 * the address seen twice.
 */

import { formatMailbox, isAscii, mailboxKey, type Mailbox, type ReversePath } from '@postroad/address'
import type { Directory } from '@postroad/directory'
import { reply, type Notify, type OriginalRecipient, type Recipient, type Reply } from '@postroad/envelope'
import type { Destination, Routes } from '@postroad/routes'
import type { GroupId } from '@postroad/envelope'

/** Deepest chain of aliases followed. */
const MAX_ALIAS_DEPTH = 10
/** Most addresses one recipient may become. */
const MAX_ALIAS_TARGETS = 1_000

/** Who is asked about. */
export interface ResolveQuery {
  /** As the client gave it; each target of an alias takes over its wishes for reports. */
  readonly recipient: Recipient
  /** For the routes, which may decide by it; `null` is the null reverse-path. */
  readonly reversePath: ReversePath
  /** Who submitted; `undefined` for mail from others and mail made here. */
  readonly account: string | undefined
}

/** What becomes of a recipient. */
export type Resolution =
  | {
      readonly kind: 'accepted'
      /** What the domain of the recipient as given is to us: who is not authenticated may reach `none` only by alias. */
      readonly role: 'local' | 'relay' | 'none'
      /** One at least, each mailbox once: the recipient itself, or what its alias leads to. At most 1,000. */
      readonly targets: readonly RoutedRecipient[]
    }
  /** The domain is local and there is no such recipient. */
  | { readonly kind: 'unknown' }
  /** The routes refuse it. */
  | { readonly kind: 'refused'; readonly reply: Reply }

/** A recipient after expansion, with its way. */
export interface RoutedRecipient {
  /** Who gets the message. Behind an alias its `orcpt` is what the sender gave, else the alias. */
  readonly recipient: Recipient
  /** The alias by which it was named; absent where it was named itself. */
  readonly alias?: Mailbox
  /** What the routes said of `recipient`, not of the alias. */
  readonly destination: Destination
  /** The key of `destination`: recipients with the same one go together. */
  readonly group: GroupId
}

/**
 * Resolves one recipient. Rejects with `DirectoryUnavailableError` where the directory cannot answer.
 *
 * A target that the directory does not know is kept: the agent that meets it reports the failure to the sender, who
 * learns that the alias is broken. Where the routes refuse a target the alias is refused: that target would get nothing,
 * and nobody would be told.
 */
export async function resolveRecipient(directory: Directory, routes: Routes, query: ResolveQuery): Promise<Resolution> {
  const { recipient, reversePath, account } = query
  const seen = new Set<string>()
  const targets: RoutedRecipient[] = []
  let role: 'local' | 'relay' | 'none' = 'none'
  let refusal: Reply | undefined
  let overflow = false

  const route = (target: Recipient, locality: 'local' | 'relay' | 'none'): void => {
    const found = routes.route({ recipient: target.mailbox, role: locality, reversePath, account })
    if (found.kind === 'refuse') refusal ??= found.reply
    else if (targets.length >= MAX_ALIAS_TARGETS) overflow = true
    else {
      const { destination, group } = found
      targets.push({ recipient: target, ...(target !== recipient && { alias: recipient.mailbox }), destination, group })
    }
  }

  const visit = async (target: Recipient, depth: number): Promise<'known' | 'unknown'> => {
    const key = mailboxKey(target.mailbox)
    if (seen.has(key) || overflow) return 'known'
    seen.add(key)
    const answer = await directory.recipient(target.mailbox)
    if (depth === 0) role = answer.kind === 'elsewhere' ? 'none' : answer.kind === 'relay' ? 'relay' : 'local'
    switch (answer.kind) {
      case 'mailbox':
        route(target, 'local')
        return 'known'
      case 'relay':
        route(target, 'relay')
        return 'known'
      case 'elsewhere':
        route(target, 'none')
        return 'known'
      case 'unknown':
        if (depth > 0) route(target, 'local')
        return 'unknown'
      case 'alias':
        if (depth >= MAX_ALIAS_DEPTH) overflow = true
        else for (const mailbox of answer.targets) await visit(expanded(target, mailbox), depth + 1)
        return 'known'
    }
  }

  if ((await visit(recipient, 0)) === 'unknown') return { kind: 'unknown' }
  if (overflow) return { kind: 'refused', reply: reply(451, '4.2.4', 'The alias expands too far') }
  if (refusal !== undefined) return { kind: 'refused', reply: refusal }
  if (targets.length === 0) return { kind: 'refused', reply: reply(550, '5.4.6', 'The alias leads back to itself') }
  return { kind: 'accepted', role, targets: targets.map((target, index) => (index === 0 ? target : silent(target))) }
}

/**
 * A further target of an alias. RFC 3461 §5.2.7.3 has three ways: here one target answers for the alias where success is
 * asked for, as in (b), and the others keep the rest of NOTIFY, as in (c). No member list is told, and no "expanded"
 * report is needed.
 */
function silent(target: RoutedRecipient): RoutedRecipient {
  const { notify } = target.recipient
  if (notify?.includes('success') !== true) return target
  const rest: readonly Notify[] = notify.filter((condition) => condition !== 'success')
  return { ...target, recipient: { ...target.recipient, notify: rest.length === 0 ? ['never'] : rest } }
}

/** The recipient under another address, with the original one kept. */
function expanded(recipient: Recipient, mailbox: Mailbox): Recipient {
  return { ...recipient, mailbox, orcpt: recipient.orcpt ?? original(recipient.mailbox) }
}

/** RFC 3461 §4.2, RFC 6533 §3. */
function original(mailbox: Mailbox): OriginalRecipient {
  return { type: isAscii(mailbox) ? 'rfc822' : 'utf-8', address: formatMailbox(mailbox) }
}
